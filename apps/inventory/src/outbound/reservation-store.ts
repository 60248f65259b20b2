import { blocked, createBatch, type Flight } from "@kontor/batch";
import { isKontorError } from "@kontor/errors";
import { postgresErrors, type RowOf, type Sql } from "@kontor/postgres";
import { currentCall } from "@kontor/rpc";
import { inventoryErrors } from "../domain/errors.ts";
import type { Reservation, StockItem } from "../domain/reservation.ts";
import { statement } from "../gen/statements.ts";
import type { Reservations } from "../ports.ts";
import { stockBusy } from "./stock-busy.ts";

interface Change {
  readonly act: "reserve" | "commit" | "release" | "return" | "expire";
  readonly orderId: string;
  readonly items?: readonly StockItem[];
}

/** Why a change reserves nothing. */
export interface Shortage {
  readonly sku: string;
  readonly wanted: number;
  readonly available: number;
}

// The view has a status and its items for each reservation.
const OVERVIEW = { status: "reservations.status", skus: "not null", quantities: "not null" } as const;
const CHANGE = statement(
  "reservations.change",
  `SELECT (reservation).*, shortage, blocked_by
  FROM apply_reservation_changes($1, make_interval(secs => $2::float8 / 1000), $3, $4)`,
  { columns: { ...OVERVIEW, shortage: 'import("../outbound/reservation-store.ts").Shortage | null' } },
);
const AWAIT_KEY = statement("reservations.await-key", "SELECT FROM await_stock_key($1, $2)");
const FIND = statement("reservations.find", "SELECT * FROM reservation_overview WHERE order_id = $1", {
  columns: OVERVIEW,
});
const OVERDUE = statement(
  "reservations.overdue",
  `SELECT order_id FROM reservations WHERE status = 'held' AND expires_at <= now() AND order_id > $1
  ORDER BY order_id LIMIT $2`,
);
type ChangeRow = RowOf<typeof CHANGE>;
type ReservationRow = RowOf<typeof FIND>;

/** Changes that share a flight skip locked rows of stock. This limits the wait for any other lock. */
const SHARED_LOCK_MS = 100;

interface Options {
  readonly ttlMs: number;
  /** How long a change waits for its own order and SKUs. */
  readonly lockMs: number;
  /** Called after changes that are to be published. */
  readonly onChange?: () => void;
}

/** Creates the store of reservations. */
export function createReservationStore(db: Sql, { ttlMs, lockMs, onChange = () => undefined }: Options): Reservations {
  async function apply(changes: readonly Change[], { waitFor, alone }: Flight) {
    const wanted = JSON.stringify(changes.map(toJson));
    try {
      if (waitFor !== undefined) await db.query(AWAIT_KEY, [waitFor, lockMs]);
      const rows = await db.query(CHANGE, [wanted, ttlMs, alone, alone ? lockMs : SHARED_LOCK_MS]);
      onChange();
      return rows.map((row, index) => {
        if (row.blocked_by === null || isExpiredElsewhere(changes[index], row.blocked_by)) return row;
        return blocked(row.blocked_by);
      });
    } catch (error) {
      throw waitFor === undefined ? error : stockBusy(error, waitFor);
    }
  }

  const change = createBatch<Change, ChangeRow>({
    name: "inventory.reservations",
    run: apply,
    keyOf: ({ orderId, items: [first] = [] }) => (first ? `sku:${first.sku}` : `order:${orderId}`),
    splits: (error) =>
      !isKontorError(error, inventoryErrors.STOCK_BUSY.reason) &&
      !isKontorError(error, postgresErrors.DATABASE_UNAVAILABLE.reason),
  });

  async function make(wanted: Change): Promise<Reservation | undefined> {
    const { signal, deadline } = currentCall() ?? {};
    const changed = change(wanted, { ...(signal && { signal }), ...(deadline && { deadline }) });
    const {
      shortage,
      blocked_by: _,
      ...row
    } = await changed.catch((error: unknown) => {
      throw stockBusy(error, `order:${wanted.orderId}`);
    });
    if (!shortage) return toReservation(row);
    const { sku, wanted: quantity, available } = shortage;
    throw inventoryErrors.OUT_OF_STOCK({ sku, wanted: quantity, available });
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
      const [row] = await db.query(FIND, [orderId]);
      return row && toReservation(row);
    },
    async overdue(limit, after = "") {
      const rows = await db.query(OVERDUE, [after, limit]);
      return rows.map(({ order_id }) => order_id);
    },
    expire: async (orderId) => void (await make({ act: "expire", orderId })),
  };
}

/** Returns whether another transaction, which may be the sweeper of another replica, changes a reservation that is to expire. */
function isExpiredElsewhere(change: Change | undefined, blockedBy: string): boolean {
  return change?.act === "expire" && blockedBy.startsWith("order:");
}

function toJson({ act, orderId, items = [] }: Change) {
  const skus = items.map(({ sku }) => sku);
  const quantities = items.map(({ quantity }) => quantity);
  return { order: orderId, act, skus, quantities };
}

function toReservation({ order_id, status, expires_at, skus, quantities }: ReservationRow): Reservation | undefined {
  if (order_id === null) return undefined;
  const items = skus.map((sku, index) => ({ sku, quantity: Number(quantities[index] ?? 0n) }));
  return { orderId: order_id, status, items, ...(expires_at && { expiresAt: expires_at }) };
}
