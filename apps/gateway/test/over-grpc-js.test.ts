import { describe } from "vitest";

// grpc-js is the fallback and the reference for the client on node:http2: both pass the same tests.
process.env.TEST_TRANSPORT = "grpc-js";

describe("over grpc-js", () => import("./broken-upstreams.test.ts").then(() => {}));
describe("over grpc-js, recovering", () => import("./recovery.test.ts").then(() => {}));
describe("over grpc-js, with details", () => import("./details.test.ts").then(() => {}));
