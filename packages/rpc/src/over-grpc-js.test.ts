import { describe } from "vitest";

// grpc-js is the fallback and the reference for the client on node:http2: both pass the same tests.
process.env.TEST_TRANSPORT = "grpc-js";

describe("over grpc-js", async () => {
  await import("./client/endpoints/pool.test.ts");
  await import("./client/discovery.test.ts");
});
describe("over grpc-js, a client", () => import("./rpc.test.ts").then(() => {}));
describe("over grpc-js, a client that fails", () => import("./client/resilience.test.ts").then(() => {}));
describe("over grpc-js, former names", () => import("./former-service.test.ts").then(() => {}));
describe("over grpc-js, isolation", () => import("./isolation.test.ts").then(() => {}));
