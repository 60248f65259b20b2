import { event, outbox } from "@kontor/messaging";
import type { Database, RowOf, Tx } from "@kontor/postgres";
import { CouponsChangedSchema } from "@kontor/shop/contracts/pricing/v1/events";
import { foldCode } from "../domain/coupon.ts";
import { pricingErrors } from "../domain/errors.ts";
import { statement } from "../gen/statements.ts";
import type { CouponStore, UsedCoupon } from "../ports.ts";

const ADD = statement(
  "coupons.add",
  `INSERT INTO coupons (
    folded, code, place, batch, promotion_id, max_uses, max_uses_per_customer, valid_until, inactive, created_at
  )
  SELECT folded, code, place, $3, $4, $5, $6, $7::timestamptz, false, now()
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS coupon (folded, code, place)
  ORDER BY folded
  ON CONFLICT DO NOTHING RETURNING folded`,
);
const CODES = statement("coupons.codes", "SELECT code FROM coupons WHERE batch = $1 ORDER BY place");
const COLUMNS = `c.folded, c.code, c.promotion_id AS "promotionId", c.max_uses AS "maxUses",
  c.max_uses_per_customer AS "maxUsesPerCustomer", c.valid_until AS "validUntil", c.inactive, c.created_at AS "createdAt",
  coalesce(u.uses, 0) AS uses
  FROM coupons c LEFT JOIN use_counts u ON u.subject = 'coupon/' || c.folded AND u.customer = ''`;
const FIND = statement("coupons.find", `SELECT ${COLUMNS} WHERE c.folded = ANY ($1)`, {
  columns: { uses: "not null" },
});
const LIST = statement(
  "coupons.list",
  `SELECT ${COLUMNS} WHERE c.promotion_id = $1 AND c.folded > $2 ORDER BY c.folded LIMIT $3`,
  { columns: { uses: "not null" } },
);
const LOCK = statement("coupons.lock", "SELECT FROM coupons WHERE folded = $1 FOR NO KEY UPDATE");
const CHANGE = statement(
  "coupons.change",
  `UPDATE coupons SET max_uses = $2, max_uses_per_customer = $3, valid_until = $4::timestamptz, inactive = $5 WHERE folded = $1`,
);

/** Creates the store of coupons in PostgreSQL. */
export function createCouponStore(db: Database): CouponStore {
  return {
    add: ({ batch, promotionId, codes, maxUses, maxUsesPerCustomer, validUntil = null }, claim) =>
      db.transaction(async (tx) => {
        await claim.settle(tx, batch);
        const folded = codes.map(foldCode);
        const limits = [maxUses, maxUsesPerCustomer, validUntil] as const;
        const added = await tx.query(ADD, [folded, [...codes], batch, promotionId, ...limits]);
        if (added.length < codes.length) {
          const inserted = new Set(added.map((row) => row.folded));
          const isTaken = (_: string, index: number) => !inserted.delete(folded[index] ?? "");
          throw pricingErrors.COUPON_EXISTS({ code: codes.find(isTaken) ?? "" });
        }
        await publish(tx, promotionId, codes.length);
      }),
    codesOf: async (batch) => (await db.query(CODES, [batch])).map(({ code }) => code),
    find: async (folded) => (await db.query(FIND, [folded])).map(couponOf),
    list: async (promotionId, { after = "", limit }) =>
      (await db.query(LIST, [promotionId, after, limit])).map(couponOf),
    change: (folded, decide) =>
      db.transaction(async (tx) => {
        await tx.query(LOCK, [folded]);
        const [row] = await tx.query(FIND, [[folded]]);
        if (row === undefined) throw pricingErrors.COUPON_NOT_FOUND({ code: folded });
        const coupon = decide(couponOf(row));
        const { maxUses, maxUsesPerCustomer, validUntil = null, inactive } = coupon;
        await tx.query(CHANGE, [folded, maxUses, maxUsesPerCustomer, validUntil, inactive]);
        await publish(tx, coupon.promotionId, 1);
        return { ...coupon, folded, uses: row.uses };
      }),
  };
}

function couponOf({ validUntil, ...coupon }: RowOf<typeof FIND>): UsedCoupon {
  return { ...coupon, ...(validUntil && { validUntil }) };
}

async function publish(tx: Tx, promotionId: string, count: number): Promise<void> {
  await outbox.append(tx, [event(CouponsChangedSchema, { promotionId, count }, { key: `promotion/${promotionId}` })]);
}
