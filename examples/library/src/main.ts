import { runService } from "@kontor/service";
import { libraryApp } from "./app.ts";

await runService(libraryApp);
