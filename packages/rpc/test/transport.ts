import type { ServerTransport, Transport } from "../src/index.ts";

/** Over what the tests call: a client of the network, or the process itself. */
export const medium = process.env.TEST_TRANSPORT ?? "http2";

/** What makes unary calls in these tests. `over-grpc-js.test.ts`, `over-lean.test.ts` and `in-process.test.ts` run them again with others. */
export const transport: Transport = medium === "grpc-js" || medium === "lean" ? medium : "http2";

/** What serves in these tests. `over-lean.test.ts` runs them again with our own HTTP/2. */
export const serverTransport: ServerTransport = process.env.TEST_SERVER === "lean" ? "lean" : "grpc-js";
