import { inventoryErrors } from "../src/domain/errors.ts";
import type { Reservation, ReservationStatus, StockItem } from "../src/domain/reservation.ts";
import type { MovementKind } from "../src/domain/stock.ts";
import type { Reservations, ReturnItems } from "../src/ports.ts";
import type { MemoryStock, Reserved, ReservedLine, Tx } from "./memory-stock.ts";

type Settled = Exclude<ReservationStatus, "held">;

const KINDS: Readonly<Record<Settled, MovementKind>> = {
  ...{ committed: "sale", returned: "return", released: "release", expired: "release" },
};
const unitsLeft = ({ quantity, returned }: ReservedLine): number => quantity - returned;

/** Reservations in memory, which expire after `ttlMs`. */
export function memoryReservations(tables: MemoryStock, { ttlMs }: { readonly ttlMs: number }): Reservations {
  const { db, now, skus, reservations } = tables;
  const isOver = ({ expiresAt }: Reserved) => expiresAt !== undefined && expiresAt <= now();

  function view(orderId: string, tx?: Tx): Reservation | undefined {
    const row = reservations.rows(tx).get(orderId);
    if (row === undefined) return undefined;
    const lines = Map.groupBy(row.lines, ({ sku }) => sku);
    const items = [...lines].map(([sku, of]) => ({ sku, quantity: of.reduce((sum, line) => sum + line.quantity, 0) }));
    items.sort((a, b) => (a.sku < b.sku ? -1 : 1));
    const status = row.status === "held" && isOver(row) ? "expired" : row.status;
    return { orderId, status, items, ...(row.expiresAt && { expiresAt: row.expiresAt }) };
  }

  function existing(orderId: string, tx: Tx): Reservation {
    const found = view(orderId, tx);
    if (found === undefined) throw new Error(`Order ${orderId} has no reservation.`);
    return found;
  }

  /** Takes units from the locations that have most. */
  function take(tx: Tx, orderId: string, { sku, quantity }: StockItem): readonly ReservedLine[] {
    const available = skus.rows(tx).get(sku)?.available ?? 0;
    if (available < quantity) throw inventoryErrors.OUT_OF_STOCK({ sku, wanted: quantity, available });
    const lines: ReservedLine[] = [];
    let missing = quantity;
    for (const level of tables.levelsOf(sku, tx).toSorted((a, b) => b.available - a.available)) {
      const taken = Math.min(level.available, missing);
      if (taken <= 0) continue;
      missing -= taken;
      lines.push({ sku, locationId: level.locationId, quantity: taken, returned: 0 });
      const actor = { kind: "system", id: "orders" } as const;
      const move = { kind: "reservation", sku, locationId: level.locationId, reason: "", reference: orderId } as const;
      tables.move(tx, { ...move, availableDelta: -taken, heldDelta: taken, actor });
    }
    return lines;
  }

  function settle(tx: Tx, orderId: string, row: Reserved, status: Settled): void {
    reservations.rows(tx).set(orderId, { ...row, status, announced: status !== "expired" });
    for (const line of row.lines.toSorted((a, b) => (a.sku < b.sku ? -1 : 1))) {
      const units = status === "returned" ? unitsLeft(line) : line.quantity;
      if (units === 0) continue;
      const { sku, locationId } = line;
      const actor = { kind: "system", id: status === "expired" ? "inventory" : "orders" } as const;
      const deltas = {
        availableDelta: status === "committed" ? 0 : units,
        heldDelta: status === "returned" ? 0 : -units,
      };
      tables.move(tx, { kind: KINDS[status], sku, locationId, ...deltas, reason: "", reference: orderId, actor });
    }
  }

  return {
    reserve: (orderId, items) =>
      db.transaction(async (tx) => {
        if (!reservations.rows(tx).has(orderId)) {
          const sorted = items.toSorted((a, b) => (a.sku < b.sku ? -1 : 1));
          const lines = sorted.flatMap((item) => take(tx, orderId, item));
          const expiresAt = new Date(now().getTime() + ttlMs);
          reservations.rows(tx).set(orderId, { status: "held", expiresAt, announced: true, lines });
        }
        return existing(orderId, tx);
      }),
    commit: (orderId) =>
      db.transaction(async (tx) => {
        const row = reservations.rows(tx).get(orderId);
        if (row?.status === "held") settle(tx, orderId, row, isOver(row) ? "expired" : "committed");
        return view(orderId, tx);
      }),
    undo: (orderId, { soldToo }) =>
      db.transaction(async (tx) => {
        const row = reservations.rows(tx).get(orderId);
        if (row === undefined) reservations.rows(tx).set(orderId, { status: "released", announced: true, lines: [] });
        else if (row.status === "held") settle(tx, orderId, row, "released");
        else if (row.status === "committed" && soldToo) settle(tx, orderId, row, "returned");
        return existing(orderId, tx);
      }),
    find: async (orderId) => view(orderId),
    async overdue(limit, after = "") {
      const held = [...reservations.rows()].filter(([orderId, row]) => row.status === "held" && orderId > after);
      const over = held.filter(([, row]) => isOver(row)).map(([orderId]) => orderId);
      return over.sort().slice(0, limit);
    },
    expire: (orderId) =>
      db.transaction(async (tx) => {
        const row = reservations.rows(tx).get(orderId);
        if (row?.status === "held" && isOver(row)) settle(tx, orderId, row, "expired");
      }),
  };
}

/** Returns of refunded items in memory. */
export function memoryReturnItems(tables: MemoryStock): ReturnItems {
  return async (transaction, { orderId, reference, items, actor }) => {
    const tx = transaction as unknown as Tx;
    const row = tables.reservations.rows(tx).get(orderId);
    if (row?.status !== "committed" || tables.returns.rows(tx).has(reference)) return 0;
    const missing = new Map(items.map(({ sku, quantity }) => [sku, quantity]));
    const staff = actor.startsWith("staff:") ? actor.slice("staff:".length) : undefined;
    const by = staff === undefined ? { kind: "system", id: "payments" } : { kind: "staff", id: staff };
    let total = 0;
    const lines = row.lines
      .toSorted((a, b) => (a.locationId < b.locationId ? -1 : 1))
      .map((line) => {
        const { sku, locationId } = line;
        const units = Math.min(unitsLeft(line), missing.get(sku) ?? 0);
        if (units === 0) return line;
        missing.set(sku, (missing.get(sku) ?? 0) - units);
        total += units;
        const move = { kind: "return", sku, locationId, reason: "", reference: orderId } as const;
        tables.move(tx, { ...move, availableDelta: units, heldDelta: 0, actor: by as { kind: "staff"; id: string } });
        return { ...line, returned: line.returned + units };
      });
    tables.reservations.rows(tx).set(orderId, { ...row, lines });
    if (total > 0) tables.returns.rows(tx).set(reference, true);
    return total;
  };
}
