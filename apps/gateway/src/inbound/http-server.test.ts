import { createFileRegistry } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { createHttpServer } from "./http-server.ts";

it("cuts no request off before the longest deadline has passed", () => {
  const { app } = createHttpServer({
    ...{ bodyLimit: 1024, deadlineCap: 1_800_000, trustedProxies: [] },
    problems: { registry: createFileRegistry() },
  });
  expect(app.server.requestTimeout).toBeGreaterThan(1_800_000);
  expect(app.server.headersTimeout).toBeLessThanOrEqual(15_000);
});
