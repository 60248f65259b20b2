import type { GrpcClient } from "../src/outbound/channel.ts";

/** What makes unary calls in these tests. over-grpc-js.test.ts runs them again with the other one. */
export const grpcClient: GrpcClient = process.env.TEST_GRPC_CLIENT === "grpc-js" ? "grpc-js" : "http2";
