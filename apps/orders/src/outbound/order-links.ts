import { createHash } from "node:crypto";
import type { Database } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { OrderLinks } from "../ports.ts";

const ADD = statement(
  "order-links.add",
  "INSERT INTO order_links (token_hash, order_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
);
const FIND = statement(
  "order-links.find",
  `SELECT order_id AS "orderId" FROM order_links WHERE token_hash = $1 AND created_at > now() - $2::float8 * interval '1 ms'`,
);
const REVOKE = statement("order-links.revoke", "DELETE FROM order_links WHERE order_id = $1");

/** Links to orders in PostgreSQL. A link opens its order for `keepMs`. */
export function createOrderLinks(db: Database, { keepMs }: { readonly keepMs: number }): OrderLinks {
  return {
    async add(tx, orderId, token) {
      await tx.query(ADD, [hashOf(token), orderId]);
    },
    async orderOf(token) {
      const [row] = await db.query(FIND, [hashOf(token), keepMs]);
      return row?.orderId;
    },
    async revoke(orderId) {
      await db.query(REVOKE, [orderId]);
    },
  };
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
