import { runProcess } from "@kontor/service";
import { gatewayProcess } from "./app.ts";
import { help } from "./help.ts";

if (process.argv.includes("--help")) console.log(help());
else await runProcess(gatewayProcess);
