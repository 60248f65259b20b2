import type { MemoryDatabase } from "@kontor/testing/memory-database";
import { type Cart, reopened } from "../src/domain/cart.ts";
import { mergeInto } from "../src/domain/cart-merge.ts";
import type { Carts, OrderLinks } from "../src/ports.ts";

/** Creates carts in memory. They do not expire. */
export function createMemoryCarts(db: MemoryDatabase): Carts {
  const carts = db.table<string, Cart>();
  const isOpen = ({ orderId, mergedInto }: Cart) => orderId === undefined && mergedInto === undefined;
  const openOf = (userId: string, tx?: object) =>
    [...carts.rows(tx).values()].find((cart) => cart.userId === userId && isOpen(cart));

  return {
    create: (cart) =>
      db.transaction(async (tx) => {
        const open = cart.userId === undefined ? undefined : openOf(cart.userId, tx);
        if (open === undefined) carts.rows(tx).set(cart.id, cart);
        return open ?? cart;
      }),
    find: async (id) => carts.rows().get(id),
    openOf: async (userId) => openOf(userId),
    change: (ids, decide) =>
      db.transaction(async (tx) => {
        const found = ids.flatMap((id) => carts.rows(tx).get(id) ?? []);
        for (const cart of decide(new Map(found.map((one) => [one.id, one])))) carts.rows(tx).set(cart.id, cart);
      }),
    remember: ({ id, version }, prices) =>
      db.transaction(async (tx) => {
        const cart = carts.rows(tx).get(id);
        if (cart?.version !== version) return;
        const lines = cart.lines.map((line) => ({ ...line, seen: prices.get(line.sku) ?? line.seen }));
        carts.rows(tx).set(id, { ...cart, lines });
      }),
    async order(tx, { id, version }, orderId) {
      const cart = carts.rows(tx).get(id);
      if (cart?.version !== version || !isOpen(cart)) return false;
      carts.rows(tx).set(id, { ...cart, orderId });
      return true;
    },
    async giveBack(tx, orderId, at) {
      const cart = [...carts.rows(tx).values()].find((one) => one.orderId === orderId);
      if (cart === undefined) return;
      const open = cart.userId === undefined ? undefined : openOf(cart.userId, tx);
      const back = reopened(cart, at);
      carts.rows(tx).set(cart.id, open === undefined ? back : { ...back, mergedInto: open.id });
      if (open === undefined) return;
      carts.rows(tx).set(open.id, { ...mergeInto(open, cart), version: open.version + 1, updatedAt: at });
    },
  };
}

/** Creates links in memory. They do not expire. */
export function createMemoryLinks(db: MemoryDatabase): OrderLinks {
  const links = db.table<string, string>();
  return {
    async add(tx, orderId, token) {
      links.rows(tx).set(token, orderId);
    },
    orderOf: async (token) => links.rows().get(token),
    revoke: (orderId) =>
      db.transaction(async (tx) => {
        for (const [token, id] of [...links.rows(tx)]) if (id === orderId) links.rows(tx).delete(token);
      }),
  };
}
