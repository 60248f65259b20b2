import { runProcess } from "@kontor/service";
import { gatewayProcess } from "./app.ts";

await runProcess(gatewayProcess);
