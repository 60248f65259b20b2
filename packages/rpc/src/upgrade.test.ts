import {
  acceptSharedToken,
  type CallerIdentity,
  type CallerVerifier,
  createCallerVerifier,
  noCallers,
} from "@kontor/policy";
import { InventoryService } from "@kontor/sample";
import { createLogger } from "@kontor/telemetry";
import { afterAll, describe, expect, it } from "vitest";
import { identities, partly, verifyToken } from "../test/shop.ts";
import { createClient, createServer, type RpcServer } from "./index.ts";

const SHARED = "shared-by-all";
const verify = createCallerVerifier({ keys: { load: identities.load } });
const own = identities.of("orders");

const callers: Record<string, CallerIdentity> = {
  former: { service: "orders", tokenFor: () => undefined, renew: () => {}, sharedToken: SHARED },
  both: { ...own, sharedToken: SHARED },
  own,
};
/** A callee of the former version knows the shared token alone. */
const callees: Record<string, CallerVerifier> = {
  former: acceptSharedToken(noCallers, SHARED, () => {}),
  both: acceptSharedToken(verify, SHARED, () => {}),
  own: verify,
};

const servers: RpcServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.drain(0))));

async function outcome(caller: string, callee: string): Promise<string> {
  const server = createServer({
    services: [
      partly(InventoryService, { reserveStock: async (_, call) => ({ reservation: { orderId: call.caller ?? "" } }) }),
    ],
    policy: { verifyToken, verifyCaller: callees[callee] ?? noCallers },
    log: createLogger({ service: "test", level: "silent" }),
  });
  servers.push(server);
  const port = await server.listen("127.0.0.1", 0);
  using inventory = createClient(InventoryService, { address: `127.0.0.1:${port}`, identity: callers[caller] });
  return await inventory.reserveStock({ orderId: "1", items: [{ sku: "A", quantity: 1 }] }).then(
    ({ reservation }) => `called by ${reservation?.orderId}`,
    (error) => error.reason,
  );
}

describe("pods of two versions side by side", () => {
  it.each([
    ["former", "former"],
    ["former", "both"],
    ["both", "former"],
    ["both", "both"],
    ["both", "own"],
    ["own", "both"],
    ["own", "own"],
  ])("let a caller with %s credentials call a callee with %s", async (caller, callee) => {
    expect(await outcome(caller, callee)).toBe("called by orders");
  });

  it("accept the shared token no longer once the change has ended", async () => {
    expect(await outcome("former", "own")).toBe("CREDENTIAL_REFUSED");
  });
});
