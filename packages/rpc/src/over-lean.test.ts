import { describe } from "vitest";

// Our own HTTP/2, client and server, passes the tests of the other transports.
process.env.TEST_TRANSPORT = "lean";
process.env.TEST_SERVER = "lean";

describe("over our own HTTP/2", async () => {
  await import("./client/transport/unary/unary-channel.test.ts");
  await import("./client/endpoints/pool.test.ts");
  await import("./client/discovery.test.ts");
});
describe("over our own HTTP/2, a client", () => import("./rpc.test.ts").then(() => {}));
describe("over our own HTTP/2, a client that fails", () => import("./client/resilience.test.ts").then(() => {}));
describe("over our own HTTP/2, former names", () => import("./former-service.test.ts").then(() => {}));
describe("over our own HTTP/2, isolation", () => import("./isolation.test.ts").then(() => {}));
describe("over our own HTTP/2, streams of grpc-js", () => import("./streams.test.ts").then(() => {}));
describe("over our own HTTP/2, standard services", () => import("./standard/standard.test.ts").then(() => {}));
