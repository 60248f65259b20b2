import type { Transport } from "../src/index.ts";

/** Over what the tests call: a client of the network, or the process itself. */
export const medium = process.env.TEST_TRANSPORT ?? "http2";

/** What makes unary calls in these tests. `over-grpc-js.test.ts` and `in-process.test.ts` run them again with others. */
export const transport: Transport = medium === "grpc-js" ? "grpc-js" : "http2";
