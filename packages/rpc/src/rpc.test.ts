import { defineErrors, invalid, violation } from "@kontor/errors";
import { InventoryService } from "@kontor/sample";
import { registry } from "@kontor/telemetry";
import { afterEach, describe, expect, it } from "vitest";
import { aServer, identities } from "../test/shop.ts";
import { createClient, currentCall } from "./index.ts";

const stockErrors = defineErrors("inventory.shop", {
  STOCK_SHORT: {
    code: "FAILED_PRECONDITION",
    message: (f: { sku: string; left: number }) => `Only ${f.left} of ${f.sku}.`,
  },
});

const stops: (() => Promise<void>)[] = [];
const start = async (...input: Parameters<typeof aServer>) => {
  const started = await aServer(...input);
  stops.push(started.stop);
  return started;
};
afterEach(async () => {
  for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
});

const forever = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

describe("a call", () => {
  it("carries the request there and the response back", async () => {
    const { inventory } = await start({
      inventory: { getAvailability: async ({ sku }) => ({ availability: { sku, remaining: 3 } }) },
    });
    expect((await inventory.getAvailability({ sku: "A" })).availability).toMatchObject({ sku: "A", remaining: 3 });
  });

  it("is counted and timed by service, method and code on both sides", async () => {
    const { inventory } = await start({ inventory: { getAvailability: async () => ({}) } });
    await inventory.getAvailability({ sku: "A" });
    const text = await registry.metrics();
    for (const side of ["server", "client"])
      expect(text).toContain(
        `kontor_rpc_${side}_requests_total{service="sample.v1.InventoryService",method="GetAvailability",code="OK"}`,
      );
  });
});

describe("an error", () => {
  it("arrives as it was thrown: code, reason, domain, facts and pause", async () => {
    const { inventory } = await start({
      inventory: {
        getAvailability: () => Promise.reject(stockErrors.STOCK_SHORT({ sku: "A", left: 2 }, { retryAfterMs: 1500 })),
      },
    });
    await expect(inventory.getAvailability({ sku: "A" })).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "STOCK_SHORT",
      domain: "inventory.shop",
      message: "Only 2 of A.",
      metadata: { sku: "A", left: "2" },
      retryAfterMs: 1500,
    });
  });

  it("names the fields at fault", async () => {
    const violations = [
      violation("items[0].quantity", "OUT_OF_RANGE", { min: 1, max: 999 }),
      violation("shippingMethod", "NOT_IN", { values: ["standard", "express"] }),
      violation("paymentMethod", "REQUIRED"),
    ];
    const translations = { de: invalid(violations).translations.de };
    const { inventory } = await start({ inventory: { getAvailability: () => Promise.reject(invalid(violations)) } });
    await expect(inventory.getAvailability({ sku: "A" })).rejects.toMatchObject({
      reason: "INVALID_REQUEST",
      violations,
      translations,
    });
  });

  it("that is unexpected is INTERNAL without details, and is logged once with its stack", async () => {
    const { inventory, logged } = await start({
      inventory: { getAvailability: () => Promise.reject(new Error("password=hunter2")) },
    });
    const error: unknown = await inventory.getAvailability({ sku: "A" }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "INTERNAL", reason: "INTERNAL" });
    expect(JSON.stringify(error)).not.toContain("hunter2");
    expect(logged).toEqual([
      expect.objectContaining({ level: "error", rpc: expect.stringContaining("GetAvailability") }),
    ]);
    expect(logged[0]?.err).toMatchObject({ stack: expect.stringContaining("rpc.test.ts") });
  });
});

describe("a deadline", () => {
  it("ends the call and aborts the handler's signal", async () => {
    const aborted = Promise.withResolvers<unknown>();
    const { inventory } = await start({
      inventory: {
        getAvailability: (_, { signal }) => {
          signal.addEventListener("abort", () => aborted.resolve(signal.reason));
          return forever(signal);
        },
      },
    });
    await expect(inventory.getAvailability({ sku: "A" }, { timeoutMs: 50 })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    expect(await aborted.promise).toMatchObject({ code: expect.stringMatching("DEADLINE_EXCEEDED|CANCELLED") });
  });

  it("is inherited by the calls a handler makes", async () => {
    const inner = await start({
      inventory: {
        getAvailability: async (_, { deadline }) => ({ availability: { sku: String(deadline.getTime()) } }),
      },
    });
    const outer = await start({
      inventory: { getAvailability: () => inner.inventory.getAvailability({ sku: "A" }, { timeoutMs: 60_000 }) },
    });
    const deadline = new Date(Date.now() + 5_000);
    const { availability } = await outer.inventory.getAvailability({ sku: "A" }, { deadline });
    expect(Number(availability?.sku)).toBeLessThanOrEqual(deadline.getTime() + 100);
  });

  it("is the contract's timeout where the caller sets none", async () => {
    const { inventory } = await start({
      inventory: {
        getAvailability: async (_, { deadline }) => ({ availability: { remaining: deadline.getTime() - Date.now() } }),
      },
    });
    expect(Number((await inventory.getAvailability({ sku: "A" })).availability?.remaining)).toBeLessThanOrEqual(15_000);
  });

  it("that has passed starts no work", async () => {
    let worked = 0;
    const { inventory } = await start({
      inventory: {
        getAvailability: async () => {
          worked++;
          return {};
        },
      },
    });
    await expect(inventory.getAvailability({ sku: "A" }, { deadline: new Date(0) })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    expect(worked).toBe(0);
  });
});

describe("giving up", () => {
  it("reaches the handler, and the handler's own calls", async () => {
    const reached = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<unknown>();
    const inner = await start({
      inventory: {
        getAvailability: (_, { signal }) => {
          reached.resolve();
          signal.addEventListener("abort", () => gone.resolve(signal.reason));
          return forever(signal);
        },
      },
    });
    const outer = await start({ inventory: { getAvailability: () => inner.inventory.getAvailability({ sku: "A" }) } });
    const controller = new AbortController();
    const call = outer.inventory.getAvailability({ sku: "A" }, { signal: controller.signal });
    await reached.promise;
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await gone.promise).toMatchObject({ code: "CANCELLED" });
  });
});

describe("the policy of the contract", () => {
  it("lets a named service call an internal RPC", async () => {
    const { inventory } = await start({
      inventory: {
        reserveStock: async ({ orderId }, { caller }) => ({ reservation: { orderId: `${orderId}:${caller}` } }),
      },
    });
    expect(
      (await inventory.reserveStock({ orderId: "1", items: [{ sku: "A", quantity: 1 }] })).reservation?.orderId,
    ).toBe("1:orders");
  });

  it("refuses a service that the contract does not name", async () => {
    const { address } = await start({ inventory: { reserveStock: async () => ({}) } });
    using inventory = createClient(InventoryService, { address, identity: identities.of("catalog") });
    await expect(inventory.reserveStock({ orderId: "1", items: [{ sku: "A", quantity: 1 }] })).rejects.toMatchObject({
      reason: "CALLER_NOT_ALLOWED",
    });
  });

  it("refuses a client that proves no name", async () => {
    const { address } = await start({ inventory: { reserveStock: async () => ({}) } });
    using inventory = createClient(InventoryService, { address });
    await expect(inventory.reserveStock({ orderId: "1", items: [{ sku: "A", quantity: 1 }] })).rejects.toMatchObject({
      reason: "CALLER_NOT_ALLOWED",
    });
  });

  it("renews a credential that was refused once, and reports no other service if it is refused again", async () => {
    const { address } = await start({ inventory: { reserveStock: async () => ({}) } });
    const expired = identities.tokenOf("orders", InventoryService.typeName, { iat: 1, exp: 2 });
    const good = identities.tokenOf("orders", InventoryService.typeName);
    const given = (...tokens: string[]) => ({
      service: "orders",
      tokenFor: () => tokens[0],
      renew: () => void tokens.shift(),
    });
    using renewed = createClient(InventoryService, { address, identity: given(expired, good) });
    await expect(renewed.reserveStock({ orderId: "1", items: [{ sku: "A", quantity: 1 }] })).resolves.toBeDefined();
    using stale = createClient(InventoryService, { address, identity: given(expired, expired) });
    await expect(stale.reserveStock({ orderId: "1", items: [{ sku: "A", quantity: 1 }] })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      reason: "CREDENTIAL_REFUSED",
    });
    const shown = await registry.metrics();
    expect(shown).toMatch(/kontor_rpc_client_credential_refused\{service="sample.v1.InventoryService"\} 1/);
    expect(shown).toMatch(/callers_refused_total\{[^}]*reason="SERVICE_TOKEN_EXPIRED"\} 3/);
  });

  it("sends no proof of the caller's name to an RPC that does not require it", async () => {
    const seen: (string | undefined)[] = [];
    const { inventory } = await start({
      inventory: {
        getAvailability: async (_, { metadata }) => {
          seen.push(metadata.get("kontor-service-token"), metadata.get("kontor-caller-token"));
          return {};
        },
      },
    });
    await inventory.getAvailability({ sku: "A" });
    expect(seen).toEqual([undefined, undefined]);
  });

  it("demands a user with the scopes, and a key where one is required", async () => {
    const { inventory } = await start({ inventory: { restock: async () => ({}) } });
    const as = (authorization: string) => ({ metadata: { authorization } });
    await expect(inventory.restock({})).rejects.toMatchObject({ reason: "TOKEN_MISSING" });
    await expect(inventory.restock({}, as("Bearer nonsense"))).rejects.toMatchObject({ reason: "TOKEN_INVALID" });
    await expect(inventory.restock({}, as("Bearer ada:"))).rejects.toMatchObject({ reason: "SCOPE_MISSING" });
    const staff = as("Bearer ada:inventory.write");
    await expect(inventory.restock({}, staff)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      violations: [expect.objectContaining({ field: "reference" })],
    });
    await expect(
      inventory.restock({ sku: "A", locationId: "BER", quantity: 1, reference: "r" }, staff),
    ).resolves.toBeDefined();
  });

  it("ignores an invalid token where none is required", async () => {
    const { inventory } = await start({ inventory: { getAvailability: async () => ({}) } });
    await expect(
      inventory.getAvailability({ sku: "A" }, { metadata: { authorization: "Bearer old" } }),
    ).resolves.toBeDefined();
  });
});

describe("the context of a call", () => {
  it("follows into the calls a handler makes: user, request id and trace", async () => {
    const inner = await start({
      inventory: {
        getAvailability: async (_, { principal, requestId, metadata }) => ({
          availability: { sku: [principal?.subject, requestId, metadata.get("traceparent")?.slice(3, 35)].join(" ") },
        }),
      },
    });
    const outer = await start({ inventory: { getAvailability: () => inner.inventory.getAvailability({ sku: "A" }) } });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const { availability } = await outer.inventory.getAvailability(
      { sku: "A" },
      {
        metadata: {
          authorization: "Bearer ada:x",
          "x-request-id": "r1",
          traceparent: `00-${traceId}-b7ad6b7169203331-01`,
        },
      },
    );
    expect(availability?.sku).toBe(`ada r1 ${traceId}`);
    expect(currentCall()).toBeUndefined();
  });
});

describe("work that a call sets off and that outlives it", () => {
  it("is not bound to the call", async () => {
    const answered = Promise.withResolvers<void>();
    const later = Promise.withResolvers<unknown>();
    const { inventory } = await start({
      inventory: {
        getAvailability: async () => {
          expect(currentCall()).toBeDefined();
          void answered.promise.then(() => later.resolve(currentCall()));
          return {};
        },
      },
    });
    await inventory.getAvailability({ sku: "A" });
    answered.resolve();
    expect(await later.promise).toBeUndefined();
  });
});

describe("a server that has all it can take", () => {
  it("turns calls away at once with a pause", async () => {
    const release = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const { inventory } = await start(
      {
        inventory: {
          getAvailability: async () => {
            started.resolve();
            await release.promise;
            return {};
          },
        },
      },
      { maxInFlight: 1 },
    );
    const first = inventory.getAvailability({ sku: "A" });
    await started.promise;
    await expect(inventory.getAvailability({ sku: "A" }, { idempotent: false })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      reason: "OVERLOADED",
      retryAfterMs: 1000,
    });
    release.resolve();
    await first;
  });

  it("refuses a message above its limit", async () => {
    const { inventory } = await start({ inventory: { getAvailability: async () => ({}) } }, { maxReceiveBytes: 1000 });
    await expect(inventory.getAvailability({ sku: "x".repeat(2000) })).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
    });
  });
});

describe("draining", () => {
  it("finishes calls in flight and refuses new ones", async () => {
    const release = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const { inventory, server } = await start({
      inventory: {
        getAvailability: async () => {
          started.resolve();
          await release.promise;
          return { availability: { sku: "late" } };
        },
      },
    });
    const inFlight = inventory.getAvailability({ sku: "A" });
    await started.promise;
    const drained = server.drain(5_000);
    release.resolve();
    expect((await inFlight).availability?.sku).toBe("late");
    await drained;
    await expect(inventory.getAvailability({ sku: "A" }, { idempotent: false })).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
  });
});
