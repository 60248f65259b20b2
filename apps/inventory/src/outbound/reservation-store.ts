import type { Sql } from "@kontor/postgres";
import { inventoryErrors } from "../domain/errors.ts";
import type { Reservation, ReservationStatus, StockItem } from "../domain/reservation.ts";
import type { Reservations } from "../ports.ts";
import { coalesce } from "./coalesce.ts";

interface Change {
  readonly act: "reserve" | "commit" | "release" | "return";
  readonly orderId: string;
  readonly items?: readonly StockItem[];
}

interface ReservationRow {
  readonly order_id: string | null;
  readonly status: ReservationStatus;
  readonly expires_at: Date | null;
  readonly skus: readonly string[];
  readonly quantities: readonly bigint[];
}

interface ChangeRow extends ReservationRow {
  readonly shortage: { readonly sku: string; readonly wanted: number; readonly available: number } | null;
}

const CHANGE = `
  SELECT (reservation).*, shortage FROM change_reservations($1, make_interval(secs => $2::float8 / 1000))`;
const FIND = "SELECT * FROM reservation_overview WHERE order_id = $1";
const EXPIRE = "SELECT expire_reservations($1) AS expired";
const MOST_AT_ONCE = 64;

export function createReservationStore(db: Sql, { ttlMs }: { ttlMs: number }): Reservations {
  const change = coalesce(MOST_AT_ONCE, (changes: readonly Change[]) =>
    db.query<ChangeRow>(CHANGE, [JSON.stringify(changes.map(toJson)), ttlMs], { name: "reservations.change" }),
  );

  async function make(wanted: Change): Promise<Reservation | undefined> {
    const { shortage, ...row } = await change(wanted);
    if (!shortage) return toReservation(row);
    const { sku, wanted: quantity, available } = shortage;
    throw inventoryErrors.OUT_OF_STOCK({ sku, wanted: BigInt(quantity), available: BigInt(available) });
  }

  async function makeOne(wanted: Change): Promise<Reservation> {
    const reservation = await make(wanted);
    if (reservation) return reservation;
    throw new Error(`To ${wanted.act} left order ${wanted.orderId} without a reservation.`);
  }

  return {
    reserve: (orderId, items) => makeOne({ act: "reserve", orderId, items }),
    commit: (orderId) => make({ act: "commit", orderId }),
    undo: (orderId, { soldToo }) => makeOne({ act: soldToo ? "return" : "release", orderId }),
    async find(orderId) {
      const [row] = await db.query<ReservationRow>(FIND, [orderId], { name: "reservations.find" });
      return row && toReservation(row);
    },
    async expire(limit) {
      const [row] = await db.query<{ expired: number }>(EXPIRE, [limit], { name: "reservations.expire" });
      return row?.expired ?? 0;
    },
  };
}

function toJson({ act, orderId, items = [] }: Change) {
  const skus = items.map(({ sku }) => sku);
  const quantities = items.map(({ quantity }) => Number(quantity));
  return { order: orderId, act, skus, quantities };
}

function toReservation({ order_id, status, expires_at, skus, quantities }: ReservationRow): Reservation | undefined {
  if (order_id === null) return undefined;
  const items = skus.map((sku, index) => ({ sku, quantity: quantities[index] ?? 0n }));
  return { orderId: order_id, status, items, ...(expires_at && { expiresAt: expires_at }) };
}
