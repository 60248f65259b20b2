import { isCheckViolation, type Sql } from "@kontor/postgres";
import { inventoryErrors } from "../domain/errors.ts";
import type { Reservation, ReservationStatus } from "../domain/reservation.ts";
import type { Reservations } from "../ports.ts";

interface ReservationRow {
  readonly order_id: string;
  readonly status: ReservationStatus;
  readonly expires_at: Date | null;
  readonly skus: readonly string[];
  readonly quantities: readonly bigint[];
}

const RESERVE = "SELECT * FROM reserve_stock($1, $2, $3, make_interval(secs => $4::float8 / 1000))";
const COMMIT = "SELECT * FROM commit_reservation($1)";
const UNDO = "SELECT * FROM undo_reservation($1, $2)";
const FIND = "SELECT * FROM reservation_overview WHERE order_id = $1";
const EXPIRE = "SELECT expire_reservations($1) AS expired";

export function createReservationStore(db: Sql, { ttlMs }: { ttlMs: number }): Reservations {
  async function find(text: string, values: readonly unknown[], name: string): Promise<Reservation | undefined> {
    const [row] = await db.query<ReservationRow>(text, values, { name });
    return row && toReservation(row);
  }

  async function get(text: string, values: readonly unknown[], name: string): Promise<Reservation> {
    const reservation = await find(text, values, name);
    if (reservation) return reservation;
    throw new Error(`${name} left no reservation.`);
  }

  return {
    reserve: (orderId, items) => {
      const skus = items.map(({ sku }) => sku);
      const quantities = items.map(({ quantity }) => quantity);
      return get(RESERVE, [orderId, skus, quantities, ttlMs], "reservations.reserve").catch(refuseShortage);
    },
    commit: (orderId) => find(COMMIT, [orderId], "reservations.commit"),
    undo: (orderId, { soldToo }) => get(UNDO, [orderId, soldToo], "reservations.undo"),
    find: (orderId) => find(FIND, [orderId], "reservations.find"),
    async expire(limit) {
      const [row] = await db.query<{ expired: number }>(EXPIRE, [limit], { name: "reservations.expire" });
      return row?.expired ?? 0;
    },
  };
}

function toReservation({ order_id, status, expires_at, skus, quantities }: ReservationRow): Reservation {
  const items = skus.map((sku, index) => ({ sku, quantity: quantities[index] ?? 0n }));
  return { orderId: order_id, status, items, ...(expires_at && { expiresAt: expires_at }) };
}

function refuseShortage(cause: unknown): never {
  if (!isCheckViolation(cause, "enough_stock")) throw cause;
  const { detail = "{}" } = cause as { detail?: string };
  const { sku, wanted, available } = JSON.parse(detail) as { sku: string; wanted: number; available: number };
  throw inventoryErrors.OUT_OF_STOCK({ sku, wanted: BigInt(wanted), available: BigInt(available) }, { cause });
}
