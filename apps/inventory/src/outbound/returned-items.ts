import type { Tx } from "@kontor/postgres";
import type { StockItem } from "../domain/reservation.ts";
import { statement } from "../gen/statements.ts";

export interface ReturnItems {
  readonly orderId: string;
  /** Of the refund. The same reference again changes nothing. */
  readonly reference: string;
  readonly items: readonly StockItem[];
  /** Such as `staff:<id>`. */
  readonly actor: string;
}

const RETURN = statement("reservations.return-items", "SELECT return_items($1, $2, $3, $4, $5, $6)::int AS returned", {
  columns: { returned: "not null" },
});

/** Puts units of a sold reservation back into stock, at most those that are left of it, and returns how many that were. */
export async function returnItems(tx: Tx, { orderId, reference, items, actor }: ReturnItems): Promise<number> {
  const [kind, id] = actor.startsWith("staff:")
    ? (["staff", actor.slice("staff:".length)] as const)
    : (["system", "payments"] as const);
  const skus = items.map(({ sku }) => sku);
  const quantities = items.map(({ quantity }) => quantity);
  const [row] = await tx.query(RETURN, [orderId, reference, skus, quantities, kind, id]);
  return row?.returned ?? 0;
}
