import { runService } from "@kontor/service";
import { paymentsApp } from "./app.ts";

await runService(paymentsApp);
