import { createCallerVerifier, keysFromFile } from "@kontor/policy";
import { InventoryService } from "@kontor/sample";
import { createLogger, registry } from "@kontor/telemetry";
import { expect, it } from "vitest";
import { identities, partly, verifyToken } from "../../test/shop.ts";
import { createClient, createServer } from "../index.ts";

it("shows a callee without keys like one that refuses, and leaves its error to retries", async () => {
  const server = createServer({
    services: [partly(InventoryService, { commitReservation: async () => ({}) })],
    policy: { verifyToken, verifyCaller: createCallerVerifier({ keys: keysFromFile("/nowhere/keys.json") }) },
    log: createLogger({ service: "test", level: "silent" }),
  });
  const address = `127.0.0.1:${await server.listen("127.0.0.1", 0)}`;
  using inventory = createClient(InventoryService, { address, identity: identities.of("orders") });
  await expect(inventory.commitReservation({ orderId: "1" })).rejects.toMatchObject({
    code: "UNAVAILABLE",
    reason: "KEYS_UNAVAILABLE",
  });
  expect(await registry.metrics()).toMatch(/credential_refused\{service="sample.v1.InventoryService"\} 1/);
  await server.drain(0);
});
