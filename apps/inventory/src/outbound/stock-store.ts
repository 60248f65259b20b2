import { blocked, createBatch } from "@kontor/batch";
import { isKontorError } from "@kontor/errors";
import { isCheckViolation, isForeignKeyViolation, isUniqueViolation, postgresErrors, type Sql } from "@kontor/postgres";
import { currentCall } from "@kontor/rpc";
import { inventoryErrors } from "../domain/errors.ts";
import type { StockItem } from "../domain/reservation.ts";
import type { Actor, Booking, MovementKind, StockMovement } from "../domain/stock.ts";
import type { StockBook } from "../ports.ts";
import { stockBusy } from "./stock-busy.ts";

interface StockRow {
  readonly available: bigint;
  readonly held: bigint;
  readonly location_id: string | null;
  readonly level_available: bigint;
  readonly level_held: bigint;
}

interface MovementRow {
  readonly id: bigint;
  readonly sku: string;
  readonly location_id: string;
  readonly kind: MovementKind;
  readonly available_delta: bigint;
  readonly held_delta: bigint;
  readonly reason: string;
  readonly reference: string;
  readonly actor_kind: Actor["kind"] | null;
  readonly actor_id: string | null;
  readonly at: Date;
}

const BOOK = "SELECT * FROM book_stock($1, $2, $3, $4, $5, $6, $7, $8)";
/** How long a booking may wait for its SKU while others wait for it. Longer waits take place next to the other bookings. */
const SHARED_LOCK_MS = 20;
const FIND = `
  SELECT s.available, s.held, l.location_id, l.available AS level_available, l.held AS level_held
  FROM skus s LEFT JOIN stock_levels l USING (sku) WHERE sku = $1 ORDER BY l.location_id`;
const AVAILABILITY = `
  SELECT sku, coalesce(available, 0) AS quantity
  FROM unnest($1::text[]) WITH ORDINALITY AS asked (sku, place) LEFT JOIN skus USING (sku) ORDER BY place`;
const MOVEMENTS = `
  SELECT * FROM stock_movements WHERE sku = $1 AND id < coalesce($2, 9223372036854775807) ORDER BY id DESC LIMIT $3`;

/** Creates the store of stock. `lockMs` is how long a booking waits for its SKU. */
export function createStockStore(db: Sql, { lockMs }: { readonly lockMs: number }): StockBook {
  async function insert({ kind, sku, locationId, delta, reason, reference, actorId }: Booking, waitMs: number) {
    const values = [kind, sku, locationId, delta, reason, reference, actorId, waitMs];
    const [row] = await db.query<MovementRow>(BOOK, values, { name: "stock.book" });
    return row;
  }

  // One booking at a time, so that those of a locked SKU take up one connection at most.
  const book = createBatch<Booking, MovementRow | undefined>({
    name: "inventory.bookings",
    maxSize: 1,
    maxParts: 1,
    keyOf: ({ sku }) => sku,
    async run([booking], { waitFor }) {
      if (booking === undefined) return [];
      if (waitFor !== undefined) return [await insert(booking, lockMs)];
      const isLocked = (error: unknown) => isKontorError(error, postgresErrors.LOCK_TIMEOUT.reason);
      return [
        await insert(booking, SHARED_LOCK_MS).catch((error: unknown) => {
          if (isLocked(error)) return blocked(booking.sku);
          throw error;
        }),
      ];
    },
  });

  return {
    async book(booking) {
      const { sku } = booking;
      const { signal, deadline } = currentCall() ?? {};
      const booked = book(booking, { ...(signal && { signal }), ...(deadline && { deadline }) });
      const row = await booked.catch((error: unknown) => refuse(error, booking));
      if (!row) throw inventoryErrors.SKU_NOT_FOUND({ sku });
      return toMovement(row);
    },
    async find(sku) {
      const rows = await db.query<StockRow>(FIND, [sku], { name: "stock.find" });
      const [first] = rows;
      if (!first) return undefined;
      const levels = rows.flatMap(({ location_id, level_available, level_held }) =>
        location_id === null ? [] : [{ locationId: location_id, available: level_available, held: level_held }],
      );
      return { sku, available: first.available, held: first.held, levels };
    },
    availability: (skus) => db.query<StockItem>(AVAILABILITY, [skus], { name: "stock.availability" }),
    async movements(sku, { before, limit }) {
      const rows = await db.query<MovementRow>(MOVEMENTS, [sku, before ?? null, limit], { name: "stock.movements" });
      return rows.map(toMovement);
    },
  };
}

function toMovement(row: MovementRow): StockMovement {
  const { location_id, available_delta, held_delta, actor_kind, actor_id, ...rest } = row;
  const actor = actor_kind !== null && { actor: { kind: actor_kind, id: actor_id ?? "" } };
  return { ...rest, locationId: location_id, availableDelta: available_delta, heldDelta: held_delta, ...actor };
}

function refuse(cause: unknown, { sku, locationId, delta, reference }: Booking): never {
  if (isForeignKeyViolation(cause)) throw inventoryErrors.LOCATION_NOT_FOUND({ locationId }, { cause });
  if (isCheckViolation(cause)) throw inventoryErrors.STOCK_TOO_LOW({ sku, locationId, delta }, { cause });
  if (isUniqueViolation(cause)) throw inventoryErrors.REFERENCE_REUSED({ reference }, { cause });
  throw stockBusy(cause, `sku:${sku}`);
}
