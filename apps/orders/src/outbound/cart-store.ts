import { createJoin } from "@kontor/batch";
import type { Database, RowOf, Tx } from "@kontor/postgres";
import { type Cart, reopened } from "../domain/cart.ts";
import { mergeInto } from "../domain/cart-merge.ts";
import { statement } from "../gen/statements.ts";
import type { Carts } from "../ports.ts";
import { decodeCart, encodeCart } from "./stored-cart.ts";

const COLUMNS = `id, user_id AS "userId", version, currency, content, order_id AS "orderId", merged_into AS "mergedInto",
  created_at AS "createdAt", updated_at AS "updatedAt"`;

const FIND = statement(
  "carts.find",
  `SELECT ${COLUMNS} FROM carts WHERE id = $1 AND updated_at > now() - $2::float8 * interval '1 ms'`,
);
const OPEN_OF = statement(
  "carts.open-of",
  `SELECT ${COLUMNS} FROM carts WHERE user_id = $1 AND order_id IS NULL AND merged_into IS NULL
    AND updated_at > now() - $2::float8 * interval '1 ms'`,
);
const LOCK_OPEN_OF = statement(
  "carts.lock-open-of",
  `SELECT ${COLUMNS} FROM carts WHERE user_id = $1 AND order_id IS NULL AND merged_into IS NULL FOR UPDATE`,
);
const LOCK = statement(
  "carts.lock",
  `SELECT ${COLUMNS} FROM carts WHERE id = ANY ($1::text[]) AND updated_at > now() - $2::float8 * interval '1 ms' ORDER BY id FOR UPDATE`,
);
const LOCK_ORDERED = statement("carts.lock-ordered", `SELECT ${COLUMNS} FROM carts WHERE order_id = $1 FOR UPDATE`);
// An open cart of the user that has expired makes place for the new one.
const INSERT = statement(
  "carts.insert",
  `INSERT INTO carts (id, user_id, version, currency, content, created_at, updated_at) VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)
  ON CONFLICT (user_id) WHERE order_id IS NULL AND merged_into IS NULL DO NOTHING RETURNING id`,
);
const DELETE_EXPIRED_OF = statement(
  "carts.delete-expired-of",
  `DELETE FROM carts WHERE user_id = $1 AND order_id IS NULL AND merged_into IS NULL
    AND updated_at <= now() - $2::float8 * interval '1 ms'`,
);
const UPDATE = statement(
  "carts.update",
  `UPDATE carts SET version = $2, currency = $3, content = $4::jsonb, order_id = $5, merged_into = $6, updated_at = $7 WHERE id = $1`,
);
const REMEMBER = statement("carts.remember", "UPDATE carts SET content = $3::jsonb WHERE id = $1 AND version = $2");
// Rows are locked in the order of ids, so that flights never wait for each other in a circle.
const ORDER = statement(
  "carts.order",
  `WITH wanted AS (SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) AS t (id, version, order_id)),
  open AS (
    SELECT c.id, w.order_id FROM carts c JOIN wanted w ON w.id = c.id
    WHERE c.version = w.version AND c.order_id IS NULL AND c.merged_into IS NULL ORDER BY c.id FOR UPDATE OF c
  )
  UPDATE carts SET order_id = open.order_id FROM open WHERE carts.id = open.id RETURNING carts.order_id AS "orderId"`,
);

/** Carts in PostgreSQL: one row each. `keepMs` is how long a cart lives after its last change. */
export function createCartStore(db: Database, { keepMs }: { readonly keepMs: number }): Carts {
  /** Carts that become orders at the same time share the statement. Of two checkouts of a cart in one transaction the first wins. */
  const order = createJoin(async (tx: Tx, wanted: readonly { id: string; version: number; orderId: string }[]) => {
    const firsts = new Map([...wanted].reverse().map((one) => [one.id, one]));
    const sorted = [...firsts.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const rows = await tx.query(ORDER, [
      sorted.map(({ id }) => id),
      sorted.map(({ version }) => version),
      sorted.map(({ orderId }) => orderId),
    ]);
    const ordered = new Set(rows.map(({ orderId }) => orderId));
    return wanted.map(({ orderId }) => ordered.has(orderId));
  });

  async function update(tx: Tx, cart: Cart): Promise<void> {
    const { id, version, currency, orderId, mergedInto, updatedAt } = cart;
    await tx.query(UPDATE, [id, version, currency, encodeCart(cart), orderId ?? null, mergedInto ?? null, updatedAt]);
  }

  return {
    async create(cart) {
      const { id, userId, version, currency, createdAt, updatedAt } = cart;
      const values = [id, userId ?? null, version, currency, encodeCart(cart), createdAt, updatedAt] as const;
      for (;;) {
        const [row] = await db.query(INSERT, [...values]);
        if (row !== undefined || userId === undefined) return cart;
        await db.query(DELETE_EXPIRED_OF, [userId, keepMs]);
        const [open] = await db.query(OPEN_OF, [userId, keepMs]);
        if (open !== undefined) return cartOf(open);
      }
    },

    async find(id) {
      const [row] = await db.query(FIND, [id, keepMs]);
      return row && cartOf(row);
    },

    async openOf(userId) {
      const [row] = await db.query(OPEN_OF, [userId, keepMs]);
      return row && cartOf(row);
    },

    async change(ids, decide) {
      await db.transaction(async (tx) => {
        const rows = await tx.query(LOCK, [[...ids], keepMs]);
        const changed = decide(new Map(rows.map((row) => [row.id, cartOf(row)])));
        for (const cart of changed) await update(tx, cart);
      });
    },

    async remember({ id, version }, prices) {
      const [row] = await db.query(FIND, [id, keepMs]);
      if (row === undefined || Number(row.version) !== version) return;
      const cart = cartOf(row);
      const lines = cart.lines.map((line) => ({ ...line, seen: prices.get(line.sku) ?? line.seen }));
      await db.query(REMEMBER, [id, version, encodeCart({ ...cart, lines })]);
    },

    order: (tx, { id, version }, orderId) => order(tx, { id, version, orderId }),

    async giveBack(tx, orderId, at) {
      const [row] = await tx.query(LOCK_ORDERED, [orderId]);
      if (row === undefined) return;
      const cart = cartOf(row);
      const [other] = cart.userId === undefined ? [] : await tx.query(LOCK_OPEN_OF, [cart.userId]);
      if (other === undefined) return update(tx, reopened(cart, at));
      const open = cartOf(other);
      const merged = { ...mergeInto(open, cart), version: open.version + 1, updatedAt: at };
      await update(tx, { ...cart, orderId: undefined, mergedInto: open.id, version: cart.version + 1, updatedAt: at });
      await update(tx, merged);
    },
  };
}

/** Returns the rules that remove carts and links to orders that have expired. */
export function cartRetention({
  cartRetentionMs,
  orderLinkTtlMs,
}: {
  cartRetentionMs: number;
  orderLinkTtlMs: number;
}) {
  return [
    { table: "carts", expired: (cutoff: string) => `updated_at < ${cutoff}`, keepMs: cartRetentionMs },
    { table: "order_links", expired: (cutoff: string) => `created_at < ${cutoff}`, keepMs: orderLinkTtlMs },
  ];
}

function cartOf({ content, version, userId, orderId, mergedInto, ...row }: RowOf<typeof FIND>): Cart {
  return {
    ...row,
    ...decodeCart(content),
    version: Number(version),
    userId: userId ?? undefined,
    orderId: orderId ?? undefined,
    mergedInto: mergedInto ?? undefined,
  };
}
