import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { KontorError } from "@kontor/errors";
import { GetAvailabilityRequestSchema, type GetAvailabilityResponse } from "@kontor/sample";
import { currentTraceId, runWithTrace } from "@kontor/telemetry";
import { afterEach, describe, expect, it } from "vitest";
import { aServer } from "../test/shop.ts";
import { currentCall } from "./index.ts";

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());
const start = async (...input: Parameters<typeof aServer>) => {
  const started = await aServer(...input);
  stop = started.stop;
  return started;
};
const asUser = { metadata: { authorization: "Bearer ada:orders.read" } };

describe("a caller and its callee", () => {
  it("share no request: neither observes the other's changes of it", async () => {
    const begun = Promise.withResolvers<void>();
    const changed = Promise.withResolvers<void>();
    const { inventory } = await start({
      inventory: {
        async getAvailability(request) {
          begun.resolve();
          await changed.promise;
          const { sku } = request;
          request.sku = "by the callee";
          return { availability: { sku } };
        },
      },
    });
    const request = create(GetAvailabilityRequestSchema, { sku: "A" });
    const response = inventory.getAvailability(request);
    await begun.promise;
    request.sku = "by the caller";
    changed.resolve();
    expect((await response).availability?.sku).toBe("A");
    expect(request.sku).toBe("by the caller");
  });

  it("share no response: a callee that returns the same object twice is not affected by its callers", async () => {
    const kept = { availability: { sku: "A", remaining: 3 } };
    const { inventory } = await start({ inventory: { getAvailability: async () => kept } });
    const first: GetAvailabilityResponse = await inventory.getAvailability({ sku: "A" });
    if (first.availability) first.availability.sku = "by the caller";
    kept.availability.remaining = 4;
    expect(first.availability?.remaining).toBe(3);
    expect((await inventory.getAvailability({ sku: "A" })).availability).toMatchObject({ sku: "A", remaining: 4 });
  });

  it("share no message of a stream", async () => {
    const kept = { order: { id: "A" } };
    const { orders } = await start({
      orders: {
        async *watchOrder() {
          yield kept;
          kept.order.id = "B";
          yield kept;
        },
      },
    });
    const received = await Array.fromAsync(orders.watchOrder({ orderId: "A" }, asUser));
    expect(received.map(({ order }) => order?.id)).toEqual(["A", "B"]);
  });

  it("share no error: its stack and cause remain in the callee", async () => {
    const cause = new Error("the row of the callee");
    const thrown = new KontorError({ code: "NOT_FOUND", reason: "GONE", domain: "x", message: "Gone.", cause });
    const { inventory } = await start({ inventory: { getAvailability: () => Promise.reject(thrown) } });
    const error: unknown = await inventory.getAvailability({ sku: "A" }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: "GONE" });
    expect(error).not.toBe(thrown);
    expect((error as Error).cause).not.toBe(cause);
  });

  it("share no async context: a handler has the trace of its call and nothing else of its caller", async () => {
    const local = new AsyncLocalStorage<string>();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const { inventory } = await start({
      inventory: {
        getAvailability: async (_, { requestId }) => ({
          availability: {
            sku: `${local.getStore()} ${currentTraceId()} ${currentCall()?.requestId === requestId}`,
          },
        }),
      },
    });
    const call = () => inventory.getAvailability({ sku: "A" });
    const { availability } = await local.run("of the caller", () => runWithTrace({ traceparent }, call));
    expect(availability?.sku).toBe("undefined 0af7651916cd43dd8448eb211c80319c true");
  });

  it("separate the contexts of 64 concurrent callers, also of those that cancel", async () => {
    const { inventory } = await start({
      inventory: {
        async getAvailability({ sku }, { signal }) {
          if (sku === "7") await new Promise((_, reject) => signal.addEventListener("abort", reject));
          await pause(5);
          return { availability: { sku: `${sku} ${currentTraceId()}` } };
        },
      },
    });
    const traceOf = (n: number) => n.toString(16).padStart(32, "a");
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, (_, n) =>
        runWithTrace({ traceparent: `00-${traceOf(n)}-b7ad6b7169203331-01` }, async () => {
          const timeoutMs = n === 7 ? 100 : 10_000;
          const call = inventory.getAvailability({ sku: `${n}` }, { timeoutMs });
          const answered = await call.then(
            ({ availability }) => availability?.sku,
            (error: KontorError) => error.code,
          );
          return [answered, currentTraceId()];
        }),
      ),
    );
    const expected = Array.from({ length: 64 }, (_, n) => [`${n} ${traceOf(n)}`, traceOf(n)]);
    expected[7] = ["DEADLINE_EXCEEDED", traceOf(7)];
    expect(outcomes).toEqual(expected);
  });
});

describe("the limits of a call", () => {
  it("let a request of 5 MiB pass to the rules of its contract, and refuse one of 9 MiB before", async () => {
    const { inventory } = await start({ inventory: { getAvailability: async () => ({}) } });
    const ofSize = (mebibytes: number) => inventory.getAvailability({ sku: "x".repeat(mebibytes << 20) });
    await expect(ofSize(5)).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    await expect(ofSize(9)).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  });

  it("refuse a response above 16 MiB", async () => {
    const { inventory } = await start({
      inventory: { getAvailability: async () => ({ availability: { sku: "x".repeat(17 << 20) } }) },
    });
    await expect(inventory.getAvailability({ sku: "A" })).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  });

  it("end a call whose handler never returns at its deadline", async () => {
    const { inventory } = await start({ inventory: { getAvailability: () => new Promise(() => {}) } });
    await expect(inventory.getAvailability({ sku: "A" }, { timeoutMs: 100 })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
  });

  it("drop metadata that the protocol itself sets, and show the rest by lower-case name", async () => {
    const { inventory } = await start({
      inventory: {
        getAvailability: async (_, { metadata }) => ({
          availability: {
            sku: ["grpc-timeout", "te", "x-mine"].map((name) => metadata.get(name)?.includes("forged")).join(),
          },
        }),
      },
    });
    const metadata = { "grpc-status": "forged", te: "forged", "x-mine": "forged" };
    expect((await inventory.getAvailability({ sku: "A" }, { metadata })).availability?.sku).toMatch(
      /^(false)?,.*,true$/,
    );
  });

  it("stop a handler that sends faster than its caller reads", async () => {
    let sent = 0;
    const text = "x".repeat(10_000);
    const { orders } = await start({
      orders: {
        async *watchOrder() {
          for (; sent < 2_000; sent++) yield { order: { id: text } };
        },
      },
    });
    let received = 0;
    let ahead = 0;
    for await (const _ of orders.watchOrder({ orderId: "A" }, asUser)) {
      received++;
      if (received > 20) continue;
      await pause(20);
      ahead = sent - received;
    }
    expect(received).toBe(2_000);
    expect(ahead).toBeLessThan(200);
  });
});
