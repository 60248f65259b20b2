import type { ServerTransport, Transport } from "../src/index.ts";

/** The transport of the tests: a network client, or the process itself. */
export const medium = process.env.TEST_TRANSPORT ?? "http2";

/**
 * The transport of unary calls in these tests. `over-grpc-js.test.ts`, `over-lean.test.ts` and `in-process.test.ts` run them again with
 * others.
 */
export const transport: Transport = medium === "grpc-js" || medium === "lean" ? medium : "http2";

/** The server transport in these tests. `over-lean.test.ts` runs them again with Kontor's own HTTP/2. */
export const serverTransport: ServerTransport = process.env.TEST_SERVER === "lean" ? "lean" : "grpc-js";
