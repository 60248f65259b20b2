import { runService } from "@kontor/service";
import { ordersApp } from "./app.ts";

await runService(ordersApp);
