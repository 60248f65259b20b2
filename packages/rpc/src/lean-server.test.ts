import { describe } from "vitest";

// A server on our own HTTP/2 serves clients of grpc-js, also their streams.
process.env.TEST_TRANSPORT = "grpc-js";
process.env.TEST_SERVER = "lean";

describe("grpc-js calls our own HTTP/2, a client", () => import("./rpc.test.ts").then(() => {}));
describe("grpc-js calls our own HTTP/2, isolation", () => import("./isolation.test.ts").then(() => {}));
describe("grpc-js calls our own HTTP/2, a client that fails", () =>
  import("./client/resilience.test.ts").then(() => {}));
