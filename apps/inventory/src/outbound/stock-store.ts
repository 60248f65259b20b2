import { blocked, createBatch } from "@kontor/batch";
import { isKontorError } from "@kontor/errors";
import { type Claim, idempotencyErrors } from "@kontor/idempotency";
import {
  type Database,
  isCheckViolation,
  isForeignKeyViolation,
  isUniqueViolation,
  pipelined,
  postgresErrors,
  type RowOf,
} from "@kontor/postgres";
import { currentCall } from "@kontor/rpc";
import { inventoryErrors } from "../domain/errors.ts";
import { type Booking, isBooked, MAX_UNITS, type StockMovement } from "../domain/stock.ts";
import { statement } from "../gen/statements.ts";
import type { StockBook } from "../ports.ts";
import { stockBusy } from "./stock-busy.ts";

const BOOK = statement("stock.book", "SELECT * FROM book_stock($1, $2, $3, $4, $5, $6, $7, $8)", {
  columns: { "*": "stock_movements" },
});
const UNITS = statement("stock.units", "SELECT (available + held)::float8 AS units FROM skus WHERE sku = $1");
/** How long a booking may wait for its SKU while others wait for it. Longer waits take place next to the other bookings. */
const SHARED_LOCK_MS = 20;
const FIND = statement(
  "stock.find",
  `SELECT s.available::int, s.held::int, l.location_id, l.available::int AS level_available, l.held::int AS level_held
  FROM skus s LEFT JOIN stock_levels l USING (sku) WHERE sku = $1 ORDER BY l.location_id`,
);
const AVAILABILITY = statement(
  "stock.availability",
  `SELECT sku, coalesce(available, 0)::int AS quantity
  FROM unnest($1::text[]) WITH ORDINALITY AS asked (sku, place) LEFT JOIN skus USING (sku) ORDER BY place`,
  { columns: { sku: "not null" } },
);
export const LOW = statement(
  "stock.low",
  `SELECT r.sku, r.available::int FROM stock_ranking r
  WHERE r.available <= $1 AND (r.available, r.sku) > ($2, $3) ORDER BY r.available, r.sku LIMIT $4`,
);
const MOVEMENTS = statement(
  "stock.movements",
  "SELECT * FROM stock_movements WHERE sku = $1 AND id < coalesce($2, 9223372036854775807) ORDER BY id DESC LIMIT $3",
);

interface ClaimedBooking {
  readonly booking: Booking;
  readonly claim: Claim;
}

interface Options {
  /** How long a booking waits for its SKU. */
  readonly lockMs: number;
  /** Called after changes that are to be published. */
  readonly onChange?: () => void;
}

/** Creates the store of stock. */
export function createStockStore(db: Database, { lockMs, onChange = () => undefined }: Options): StockBook {
  function insert({ booking, claim }: ClaimedBooking, waitMs: number): Promise<void> {
    const { kind, sku, locationId, delta, reason, reference, actorId } = booking;
    return db.transaction(async (tx) => {
      const booked = tx.query(BOOK, [kind, sku, locationId, delta, reason, reference, actorId, waitMs]);
      const counted = tx.query(UNITS, [sku]);
      const [, [row], [total]] = await pipelined([claim.settle(tx, reference), booked, counted]);
      if (!row) throw inventoryErrors.SKU_NOT_FOUND({ sku });
      // The version before claimed no references; its movements are found by their own.
      if (!isBooked(toMovement(row), booking)) throw idempotencyErrors.IDEMPOTENCY_KEY_REUSED();
      if (delta > 0 && (total?.units ?? 0) > MAX_UNITS)
        throw inventoryErrors.STOCK_TOO_HIGH({ sku, delta, max: MAX_UNITS });
      tx.afterCommit(onChange);
    });
  }

  // One booking at a time, so that those of a locked SKU occupy only one connection.
  const book = createBatch<ClaimedBooking, void>({
    name: "inventory.bookings",
    maxSize: 1,
    maxParts: 1,
    keyOf: ({ booking }) => booking.sku,
    async run([claimed], { waitFor }) {
      if (claimed === undefined) return [];
      if (waitFor !== undefined) return [await insert(claimed, lockMs)];
      const isLocked = (error: unknown) => isKontorError(error, postgresErrors.LOCK_TIMEOUT.reason);
      return [
        await insert(claimed, SHARED_LOCK_MS).catch((error: unknown) => {
          if (isLocked(error)) return blocked(claimed.booking.sku);
          throw error;
        }),
      ];
    },
  });

  return {
    async book(booking, claim) {
      const { signal, deadline } = currentCall() ?? {};
      const booked = book({ booking, claim }, { ...(signal && { signal }), ...(deadline && { deadline }) });
      await booked.catch((error: unknown) => refuse(error, booking));
    },
    async find(sku) {
      const rows = await db.reads.query(FIND, [sku]);
      const [first] = rows;
      if (!first) return undefined;
      const levels = rows.flatMap(({ location_id, level_available, level_held }) =>
        location_id === null
          ? []
          : [{ locationId: location_id, available: level_available ?? 0, held: level_held ?? 0 }],
      );
      return { sku, available: first.available, held: first.held, levels };
    },
    availability: (skus) => db.reads.query(AVAILABILITY, [skus]),
    low: (maxAvailable, { after = { available: -1, sku: "" }, limit }) =>
      db.reads.query(LOW, [maxAvailable, after.available, after.sku, limit]),
    async movements(sku, { before, limit }) {
      const rows = await db.reads.query(MOVEMENTS, [sku, before ?? null, limit]);
      return rows.map(toMovement);
    },
  };
}

function toMovement(row: RowOf<typeof MOVEMENTS>): StockMovement {
  const { location_id, available_delta, held_delta, actor_kind, actor_id, ...rest } = row;
  const actor = actor_kind !== null && { actor: { kind: actor_kind, id: actor_id ?? "" } };
  const deltas = { availableDelta: Number(available_delta), heldDelta: Number(held_delta) };
  return { ...rest, ...deltas, locationId: location_id, ...actor };
}

function refuse(cause: unknown, { sku, locationId, delta }: Booking): never {
  if (isForeignKeyViolation(cause)) throw inventoryErrors.LOCATION_NOT_FOUND({ locationId }, { cause });
  if (isCheckViolation(cause)) throw inventoryErrors.STOCK_TOO_LOW({ sku, locationId, delta }, { cause });
  if (isUniqueViolation(cause)) throw idempotencyErrors.IDEMPOTENCY_KEY_REUSED({ cause });
  throw stockBusy(cause, `sku:${sku}`);
}
