import { runService } from "@kontor/service";
import { notificationsApp } from "./app.ts";

await runService(notificationsApp);
