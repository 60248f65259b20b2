import { statement } from "../gen/statements.ts";
import type { ReturnItems } from "../ports.ts";

const RETURN = statement("reservations.return-items", "SELECT return_items($1, $2, $3, $4, $5, $6)::int AS returned", {
  columns: { returned: "not null" },
});

export const returnItems: ReturnItems = async (tx, { orderId, reference, items, actor }) => {
  const [kind, id] = actor.startsWith("staff:")
    ? (["staff", actor.slice("staff:".length)] as const)
    : (["system", "payments"] as const);
  const skus = items.map(({ sku }) => sku);
  const quantities = items.map(({ quantity }) => quantity);
  const [row] = await tx.query(RETURN, [orderId, reference, skus, quantities, kind, id]);
  return row?.returned ?? 0;
};
