import { describe } from "vitest";

// A call within a process is a call: it passes the tests of the transports that have a network.
process.env.TEST_TRANSPORT = "in-process";

describe("in a process", () => import("./rpc.test.ts").then(() => {}));
describe("in a process, a client that fails", () => import("./client/resilience.test.ts").then(() => {}));
describe("in a process, a stream", () => import("./streams.test.ts").then(() => {}));
describe("in a process, isolation", () => import("./isolation.test.ts").then(() => {}));
