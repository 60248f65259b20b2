import type { Transport } from "../src/index.ts";

/** What makes unary calls in these tests. `over-grpc-js.test.ts` runs them again with the other one. */
export const transport: Transport = process.env.TEST_TRANSPORT === "grpc-js" ? "grpc-js" : "http2";
