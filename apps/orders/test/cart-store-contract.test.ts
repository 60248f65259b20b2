import { randomBytes } from "node:crypto";
import { type Database, migrate, openDatabase, type Tx } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { startPostgres } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import { addCode, addLine, type Cart, changed, choose, newCart } from "../src/domain/cart.ts";
import { at } from "../src/domain/fixtures.ts";
import { createCartStore } from "../src/outbound/cart-store.ts";
import { createOrderLinks } from "../src/outbound/order-links.ts";
import type { Carts, OrderLinks } from "../src/ports.ts";
import { createMemoryCarts, createMemoryLinks } from "./memory-carts.ts";

interface Store {
  readonly carts: Carts;
  readonly links: OrderLinks;
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
}

const keepMs = 1_000 * 86_400_000;
const postgres = await startPostgres();
const { url } = await postgres.createDatabase("orders");
await migrate({ url, folders: migrationsOf(ordersApp), log: { info: () => undefined } });
const db: Database = openDatabase({ url, service: "test", max: 4 });
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

function onPostgres(): Store {
  const [carts, links] = [createCartStore(db, { keepMs }), createOrderLinks(db, { keepMs })];
  return { carts, links, transaction: (work) => db.transaction(work) };
}

function inMemory(): Store {
  const memory = createMemoryDatabase();
  const [carts, links] = [createMemoryCarts(memory), createMemoryLinks(memory)];
  return { carts, links, transaction: (work) => memory.transaction(work) };
}

const anId = () => randomBytes(24).toString("base64url");
const aLine = (sku: string, quantity = 1) => ({ productId: sku, sku, title: sku, quantity, currency: "EUR" });
function aCart(userId?: string): Cart {
  return addLine(newCart({ id: anId(), userId, currency: "" }, at), aLine("P-101", 2));
}

describe.each([
  ["on PostgreSQL", onPostgres],
  ["in memory", inMemory],
])("carts %s", (_, open) => {
  let store: Store;
  beforeEach(() => {
    store = open();
  });
  const order = (cart: Cart, orderId: string) => store.transaction((tx) => store.carts.order(tx, cart, orderId));
  const giveBack = (orderId: string) => store.transaction((tx) => store.carts.giveBack(tx, orderId, at));

  it("are found as they were stored, with all that a cart may have", async () => {
    const address = {
      recipient: "Ada",
      line1: "Weg 1",
      line2: "",
      city: "",
      postalCode: "",
      region: "",
      country: "DE",
    };
    const choices = { shippingAddress: address, shippingMethod: "express", email: "ada@example.com", note: "Ring." };
    const full = choose(addCode(aCart(), "SUMMER"), choices, at);
    const lines = full.lines.map((line) => ({ ...line, seen: 12n }));
    const cart = { ...full, lines, notices: [{ sku: "P-1", wanted: 3, kept: 2 }] };
    expect(await store.carts.create(cart)).toEqual(cart);
    expect(await store.carts.find(cart.id)).toEqual(cart);
    expect(await store.carts.find(anId())).toBeUndefined();
  });

  it("of a user are one, however many are made at once", async () => {
    const userId = anId();
    const made = await Promise.all(Array.from({ length: 20 }, () => store.carts.create(aCart(userId))));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await store.carts.openOf(userId)).toEqual(made[0]);
    expect(await store.carts.openOf(anId())).toBeUndefined();
  });

  it("lose nothing and double nothing when they are changed at once", async () => {
    const { id } = await store.carts.create(newCart({ id: anId(), userId: undefined, currency: "" }, at));
    const add = (sku: string) =>
      store.carts.change([id], (found) =>
        [...found.values()].map((cart) => changed(cart, addLine(cart, aLine(sku)), at)),
      );
    await Promise.all(Array.from({ length: 40 }, (_, n) => add(n % 2 === 0 ? `P-${n}` : "P-same")));
    const cart = await store.carts.find(id);
    expect(cart).toMatchObject({ version: 41 });
    expect(cart?.lines).toHaveLength(21);
    expect(cart?.lines.find(({ sku }) => sku === "P-same")).toMatchObject({ quantity: 20 });
  });

  it("remember the prices of their version only", async () => {
    const cart = await store.carts.create(aCart());
    await store.carts.remember({ ...cart, version: 7 }, new Map([["P-101", 1n]]));
    expect(await store.carts.find(cart.id)).toEqual(cart);
    await store.carts.remember(cart, new Map([["P-101", 1200n]]));
    expect((await store.carts.find(cart.id))?.lines).toMatchObject([{ seen: 1200n }]);
  });

  it("become one order, of the version that was priced", async () => {
    const cart = await store.carts.create(aCart());
    expect(await order({ ...cart, version: 2 }, anId())).toBe(false);
    const orderIds = Array.from({ length: 50 }, anId);
    const outcomes = await Promise.all(orderIds.map((orderId) => order(cart, orderId)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect((await store.carts.find(cart.id))?.orderId).toBe(orderIds[outcomes.indexOf(true)]);
  });

  it("become one order when checkouts share a transaction", async () => {
    const [cart, other] = [await store.carts.create(aCart()), await store.carts.create(aCart())];
    const wanted = [cart, other, cart].map((one) => ({ one, orderId: anId() }));
    const outcomes = await store.transaction((tx) =>
      Promise.all(wanted.map(({ one, orderId }) => store.carts.order(tx, one, orderId))),
    );
    expect(outcomes).toEqual([true, true, false]);
  });

  it("come back from a rejected order with a new version, once", async () => {
    const cart = await store.carts.create(aCart(anId()));
    const orderId = anId();
    await order(cart, orderId);
    expect(await store.carts.openOf(cart.userId ?? "")).toBeUndefined();
    await giveBack(orderId);
    await giveBack(orderId);
    expect(await store.carts.find(cart.id)).toEqual({ ...cart, version: 2 });
    expect(await order(cart, anId())).toBe(false);
  });

  it("come back into the open cart of their user", async () => {
    const userId = anId();
    const cart = await store.carts.create(aCart(userId));
    const orderId = anId();
    await order(cart, orderId);
    const next = await store.carts.create(aCart(userId));
    expect(next.id).not.toBe(cart.id);
    await giveBack(orderId);
    expect(await store.carts.openOf(userId)).toMatchObject({ id: next.id, lines: [{ quantity: 4 }] });
    expect(await store.carts.find(cart.id)).toMatchObject({ mergedInto: next.id });
  });

  it("have links that open one order until they are revoked", async () => {
    const [orderId, other] = [anId(), anId()];
    await store.transaction((tx) => store.links.add(tx, orderId, "token-1"));
    await store.transaction((tx) => store.links.add(tx, orderId, "token-1"));
    await store.transaction((tx) => store.links.add(tx, other, "token-2"));
    expect(await store.links.orderOf("token-1")).toBe(orderId);
    expect(await store.links.orderOf("token-3")).toBeUndefined();
    await store.links.revoke(orderId);
    expect(await store.links.orderOf("token-1")).toBeUndefined();
    expect(await store.links.orderOf("token-2")).toBe(other);
  });
});

describe("a cart that has not changed for its retention", () => {
  it("is gone, and makes place for another of its user", async () => {
    const carts = createCartStore(db, { keepMs: 3_600_000 }); // `at` is longer ago.
    const cart = await carts.create(aCart(anId()));
    expect(await carts.find(cart.id)).toBeUndefined();
    expect(await carts.openOf(cart.userId ?? "")).toBeUndefined();
    const next = await carts.create({ ...aCart(cart.userId), createdAt: new Date(), updatedAt: new Date() });
    expect(next.id).not.toBe(cart.id);
    expect(await carts.openOf(cart.userId ?? "")).toEqual(next);
  });
});
