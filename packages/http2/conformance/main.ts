import { readFlags, runCommand } from "@kontor/config";
import { installH2spec, runH2spec } from "./h2spec.ts";

const help = `Runs h2spec against the server of our own HTTP/2.

  npm run conformance:http2

  --help       this

Needs Go, which installs h2spec.`;

await runCommand(async () => {
  if (readFlags(process.argv.slice(2), {}, help) === undefined) return 0;
  installH2spec();
  const { report, passed } = await runH2spec();
  console.log(report);
  return passed ? 0 : 1;
});
