// Runs h2spec against the server, and installs it by Go before: npm run conformance:http2
import { installH2spec, runH2spec } from "./h2spec.ts";

installH2spec();
const { report, passed } = await runH2spec();
console.log(report);
process.exitCode = passed ? 0 : 1;
