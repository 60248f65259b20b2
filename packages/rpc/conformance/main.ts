import { readFlags, runCommand } from "@kontor/config";
import { CASES, goCallsUs, weCallGo } from "./interop.ts";
import { installPrograms } from "./programs.ts";

const help = `Runs the interoperability tests of grpc-go against our servers and clients.

  npm run conformance:grpc

  --help       this

Needs Go, which installs the programs.`;

await runCommand(async () => {
  if (readFlags(process.argv.slice(2), {}, help) === undefined) return 0;
  installPrograms();
  for (const transport of ["grpc-js", "lean"] as const) {
    await goCallsUs(transport);
    console.log(`grpc-go calls ${transport}: ${CASES.join(", ")}`);
  }
  for (const transport of ["grpc-js", "http2", "lean"] as const) {
    const { sizes, status } = await weCallGo(transport);
    console.log(`${transport} calls grpc-go: responses of ${sizes.join(", ")} bytes, status ${JSON.stringify(status)}`);
  }
  return 0;
});
