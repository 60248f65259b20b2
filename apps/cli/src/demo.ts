import { runCommand } from "@kontor/config";
import { demo } from "./demo/demo.ts";

await runCommand(() => demo(process.argv.slice(2)));
