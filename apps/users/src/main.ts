import { runService } from "@kontor/service";
import { usersApp } from "./app.ts";

await runService(usersApp);
