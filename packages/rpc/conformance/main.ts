// Runs grpc-go's interoperability tests both ways, and installs them by Go before: npm run conformance:grpc
import { CASES, goCallsUs, weCallGo } from "./interop.ts";
import { installPrograms } from "./programs.ts";

installPrograms();
for (const transport of ["grpc-js", "lean"] as const) {
  await goCallsUs(transport);
  console.log(`grpc-go calls ${transport}: ${CASES.join(", ")}`);
}
for (const transport of ["grpc-js", "http2", "lean"] as const) {
  const { sizes, status } = await weCallGo(transport);
  console.log(`${transport} calls grpc-go: responses of ${sizes.join(", ")} bytes, status ${JSON.stringify(status)}`);
}
