import { defineErrors } from "@kontor/errors";
import { afterEach, describe, expect, it } from "vitest";
import { aServer } from "../test/shop.ts";

const orderErrors = defineErrors("orders.shop", {
  ORDER_NOT_FOUND: { code: "NOT_FOUND", message: "No such order." },
});
const asUser = { metadata: { authorization: "Bearer ada:orders.read" } };

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());
const start = async (...input: Parameters<typeof aServer>) => {
  const started = await aServer(...input);
  stop = started.stop;
  return started;
};

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(stream);
}

describe("a stream of responses", () => {
  it("arrives in order and ends", async () => {
    const { orders } = await start({
      orders: {
        async *watchOrder({ orderId }) {
          for (let n = 0; n < 300; n++) yield { order: { id: `${orderId}-${n}` } };
        },
      },
    });
    const received = await all(orders.watchOrder({ orderId: "A" }, asUser));
    expect(received.map(({ order }) => order?.id)).toEqual(Array.from({ length: 300 }, (_, n) => `A-${n}`));
  });

  it("fails with the error the handler threw, after what it sent before", async () => {
    const { orders } = await start({
      orders: {
        async *watchOrder() {
          yield { order: { id: "A" } };
          throw orderErrors.ORDER_NOT_FOUND();
        },
      },
    });
    const received: unknown[] = [];
    const read = async () => {
      for await (const { order } of orders.watchOrder({}, asUser)) received.push(order?.id);
    };
    await expect(read()).rejects.toMatchObject({ code: "NOT_FOUND", reason: "ORDER_NOT_FOUND" });
    expect(received).toEqual(["A"]);
  });

  it("ends when the token of its caller expires, and the handler is aborted", async () => {
    let aborted: unknown;
    const { orders } = await start({
      orders: {
        async *watchOrder(_, { signal }) {
          yield { order: { id: "A" } };
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          aborted = signal.reason;
        },
      },
    });
    const expiresAt = Date.now() + 400;
    const metadata = { authorization: `Bearer ada:orders.read:${expiresAt}` };
    const received: unknown[] = [];
    const read = async () => {
      for await (const { order } of orders.watchOrder({}, { metadata })) received.push(order?.id);
    };
    await expect(read()).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "TOKEN_EXPIRED" });
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt - 10);
    expect(received).toEqual(["A"]);
    expect(aborted).toMatchObject({ reason: "TOKEN_EXPIRED" });
  });

  it("obeys the policy", async () => {
    const { orders } = await start({ orders: { async *watchOrder() {} } });
    await expect(all(orders.watchOrder({}))).rejects.toMatchObject({ reason: "TOKEN_MISSING" });
  });

  it("ends in the handler when the reader leaves, even while it waits", async () => {
    const ended = Promise.withResolvers<unknown>();
    const { orders } = await start({
      orders: {
        async *watchOrder(_, { signal }) {
          yield { order: { id: "A" } };
          signal.addEventListener("abort", () => ended.resolve(signal.reason));
          await new Promise(() => {});
        },
      },
    });
    for await (const _ of orders.watchOrder({}, asUser)) break;
    expect(await ended.promise).toMatchObject({ code: "CANCELLED" });
  });

  it("that ends on its own is finished by a server that shuts down", async () => {
    const draining = Promise.withResolvers<void>();
    const { orders, server } = await start({
      orders: {
        async *watchOrder() {
          yield { order: { id: "A-0" } };
          await draining.promise;
          for (let n = 1; n < 20; n++) yield { order: { id: `A-${n}` } };
        },
      },
    });
    let drained: Promise<void> | undefined;
    let received = 0;
    for await (const _ of orders.watchOrder({}, asUser)) {
      received++;
      drained ??= server.drain(20_000);
      draining.resolve();
    }
    expect(received).toBe(20);
    await drained;
  });

  it("is ended by a server that shuts down, so that the reader can go elsewhere", async () => {
    const { orders, server } = await start({
      orders: {
        async *watchOrder() {
          yield { order: { id: "A" } };
          await new Promise(() => {});
        },
      },
    });
    let drained: Promise<void> | undefined;
    const read = async () => {
      for await (const _ of orders.watchOrder({}, asUser)) drained ??= server.drain(1_000);
    };
    await expect(read()).rejects.toMatchObject({ code: "UNAVAILABLE", reason: "SHUTTING_DOWN" });
    await drained;
  });
});

describe("the headers of a stream", () => {
  it("arrive before its messages", async () => {
    const { orders } = await start({
      orders: {
        async *watchOrder(_, context) {
          context.setHeader("x-cursor", "7");
          yield { order: { id: "A" } };
        },
      },
    });
    const stream = orders.watchOrder({}, asUser);
    expect((await stream.headers).get("x-cursor")).toBe("7");
    expect(await all(stream)).toHaveLength(1);
  });

  it("fail as the stream does", async () => {
    const { orders } = await start({ orders: { async *watchOrder() {} } });
    await expect(orders.watchOrder({}).headers).rejects.toMatchObject({ reason: "TOKEN_MISSING" });
  });
});
