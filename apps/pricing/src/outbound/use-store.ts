import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { createBatch } from "@kontor/batch";
import { failpoint } from "@kontor/failpoint";
import { event, outbox } from "@kontor/messaging";
import type { Database, RowOf } from "@kontor/postgres";
import { currentCall } from "@kontor/rpc";
import { UsesHeldSchema, UsesReleasedSchema } from "@kontor/shop/contracts/pricing/v1/events";
import { pricingErrors } from "../domain/errors.ts";
import { useLimitReached, usesKey } from "../domain/held-uses.ts";
import { statement } from "../gen/statements.ts";
import type { HeldUses, UseStore } from "../ports.ts";

const APPLY = statement(
  "uses.apply",
  "SELECT outcome, subject, customer, use_limit, promotions, coupons FROM apply_use_changes($1)",
  {
    columns: {
      outcome: '"held" | "kept" | "closed" | "differs" | "limit" | "released" | "none"',
      promotions: "string[] | null",
      coupons: "string[] | null",
    },
  },
);
const COUNTS = statement(
  "uses.counts",
  "SELECT subject, customer, uses FROM use_counts WHERE subject = ANY ($1) AND customer = ANY ($2)",
);
const OWN = statement(
  "uses.own",
  "SELECT promotion_ids, coupons, customers FROM order_uses WHERE order_id = $1 AND status = 'held'",
);

type Change = ({ readonly act: "hold" } & HeldUses) | { readonly act: "release"; readonly orderId: string };
type Outcome = RowOf<typeof APPLY>;

/** Creates the store of uses. Orders that come at the same time share a transaction. `now` is the time of the database. */
export function createUseStore(db: Database, { now }: { readonly now: () => Date }): UseStore {
  const change = createBatch<Change, Outcome>({
    name: "pricing.uses",
    async run(changes) {
      const outcomes = await db.transaction(async (tx) => {
        const rows = await tx.query(APPLY, [JSON.stringify(changes.map(toJson))]);
        const events = rows.flatMap((row, index) => eventsOf(row, changes[index]?.orderId ?? "", now()));
        await outbox.append(tx, events);
        failpoint("pricing.uses-written", db.service);
        return rows;
      });
      failpoint("pricing.uses-committed", db.service);
      return outcomes;
    },
  });
  function apply(wanted: Change): Promise<Outcome> {
    const { signal, deadline } = currentCall() ?? {};
    return change(wanted, { ...(signal && { signal }), ...(deadline && { deadline }) });
  }

  return {
    async counts({ subjects, customers, exceptOrder }) {
      const rows = await db.query(COUNTS, [subjects, ["", ...customers]]);
      const counts = new Map(rows.map(({ subject, customer, uses }) => [usesKey(subject, customer), Number(uses)]));
      const [own] = exceptOrder === undefined ? [] : await db.query(OWN, [exceptOrder]);
      if (own) {
        const subjectsOfOrder = [
          ...own.promotion_ids.map((id) => `promotion/${id}`),
          ...own.coupons.filter((folded) => folded !== "").map((folded) => `coupon/${folded}`),
        ];
        for (const subject of subjectsOfOrder)
          for (const customer of ["", ...own.customers]) {
            const key = usesKey(subject, customer);
            counts.set(key, (counts.get(key) ?? 0) - 1);
          }
      }
      return { of: (subject, customer) => counts.get(usesKey(subject, customer)) ?? 0 };
    },
    async hold(held) {
      const { outcome, subject, customer, use_limit } = await apply({ act: "hold", ...held });
      const { orderId } = held;
      if (outcome === "closed") throw pricingErrors.USES_CLOSED({ orderId });
      if (outcome === "differs") throw pricingErrors.USES_DIFFER({ orderId });
      if (outcome === "limit") throw useLimitReached(held.uses, subject ?? "", customer ?? "", use_limit ?? 0);
    },
    release: async (orderId) => (await apply({ act: "release", orderId })).outcome === "released",
  };
}

function toJson(change: Change) {
  if (change.act === "release") return { order: change.orderId, act: change.act };
  const uses = change.uses.toSorted((a, b) => (a.promotionId < b.promotionId ? -1 : 1));
  return {
    ...{ order: change.orderId, act: change.act, customers: change.customers },
    promotions: uses.map(({ promotionId }) => promotionId),
    coupons: uses.map(({ coupon = "" }) => coupon),
  };
}

function eventsOf({ outcome, promotions, coupons }: Outcome, orderId: string, at: Date) {
  if (outcome !== "held" && outcome !== "released") return [];
  const uses = (promotions ?? []).map((promotionId, index) => {
    const couponCode = coupons?.[index] ?? "";
    return { promotionId, ...(couponCode !== "" && { couponCode }) };
  });
  const schema = outcome === "held" ? UsesHeldSchema : UsesReleasedSchema;
  return [event(schema, { orderId, uses, at: timestampFromDate(at) }, { key: orderId })];
}
