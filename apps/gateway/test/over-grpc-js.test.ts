import { describe } from "vitest";

// The library is the fallback, and what our own client is measured by: both pass the same tests.
process.env.TEST_GRPC_CLIENT = "grpc-js";

describe("over grpc-js", async () => {
  await import("./upstreams.test.ts");
  await import("./broken-upstreams.test.ts");
});
describe("over grpc-js, recovering", () => import("./recovery.test.ts").then(() => {}));
describe("over grpc-js, with details", () => import("./details.test.ts").then(() => {}));
