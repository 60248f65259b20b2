import { describe } from "vitest";

// Our own HTTP/2 passes the tests of the other clients.
process.env.TEST_TRANSPORT = "lean";

describe("over our own HTTP/2", () => import("./broken-upstreams.test.ts").then(() => {}));
describe("over our own HTTP/2, recovering", () => import("./recovery.test.ts").then(() => {}));
describe("over our own HTTP/2, with details", () => import("./details.test.ts").then(() => {}));
