import { randomUUIDv7 } from "node:crypto";
import type { MemoryDatabase } from "@kontor/testing/memory-database";
import { shippingErrors } from "../src/domain/errors.ts";
import type { Parcel, Shipment, Status } from "../src/domain/shipment.ts";
import { published } from "../src/outbound/shipment-store.ts";
import type { ShipmentChecks, ShipmentFilter, Shipments, TrackingMessage } from "../src/ports.ts";

interface Row {
  readonly shipment: Shipment;
  readonly updatedAt: Date;
  /** When the carrier is queried about it. Absent once it has ended. */
  readonly checkAt?: Date | undefined;
  readonly unanswered?: boolean;
  readonly forgotten?: boolean;
}

interface Options {
  readonly now: () => Date;
  readonly checkAfterMs: number;
}

/** What the stores of shipping share in memory. */
export type MemoryTables = ReturnType<typeof createMemoryTables>;
type Tx = Parameters<Parameters<MemoryDatabase["transaction"]>[0]>[0];

const LONGEST_CHECK_MS = 3_600_000;
const later = (at: Date, ms: number) => new Date(at.getTime() + ms);
const ended = ({ status }: Shipment) => status === "delivered" || status === "cancelled";

/** Creates the tables of shipping. */
export function createMemoryTables(db: MemoryDatabase) {
  const shipments = db.table<string, Row>();
  const messages = db.table<string, TrackingMessage>();
  const outbox = db.table<number, { readonly type: string; readonly key: string }>();
  return {
    ...{ db, shipments, messages, outbox },
    /** Returns the types of the events about an order. */
    published: (orderId: string) =>
      [...outbox.rows().values()].flatMap(({ type, key }) => (key === orderId ? type : [])),
    /** Returns what the last check of a shipment found. */
    findings(orderId: string) {
      const { unanswered = false, forgotten = false } = shipments.rows().get(orderId) ?? {};
      return { unanswered, forgotten };
    },
  };
}

/** Shipments in memory. */
export function memoryShipments({ db, ...tables }: MemoryTables, { now, checkAfterMs }: Options): Shipments {
  const find = (orderId: string, tx?: Tx) => tables.shipments.rows(tx).get(orderId)?.shipment;

  function insert(tx: Tx, shipment: Omit<Shipment, "id" | "createdAt" | "carrierId" | "trackingNumber">): Shipment {
    const { orderId } = shipment;
    const known = find(orderId, tx);
    if (known !== undefined) return known;
    const row = { ...shipment, id: randomUUIDv7(), carrierId: "", trackingNumber: "", createdAt: now() };
    const checkAt = ended(row) ? undefined : later(now(), checkAfterMs);
    tables.shipments.rows(tx).set(orderId, { shipment: row, updatedAt: now(), checkAt });
    return row;
  }

  /** Returns whether a message is new. The carrier may have reported the same fact when it was queried. */
  function receive(tx: Tx, message: TrackingMessage): boolean {
    const rows = tables.messages.rows(tx);
    const same = ({ orderId, status, at }: TrackingMessage) =>
      orderId === message.orderId && status === message.status && at.getTime() === message.at.getTime();
    if (rows.has(message.webhookId) || [...rows.values()].some(same)) return false;
    rows.set(message.webhookId, message);
    return true;
  }

  function publish(tx: Tx, key: string, passed: readonly Status[]): void {
    const rows = tables.outbox.rows(tx);
    for (const status of passed)
      if (status !== "pending") rows.set(rows.size, { type: published[status].typeName, key });
  }

  return {
    begin: (parcel: Parcel) => db.transaction(async (tx) => insert(tx, { ...parcel, status: "pending" })),
    close: (orderId) =>
      db.transaction(async (tx) => {
        const empty = { userId: "", method: "", items: [], weightGrams: 0, address: undefined };
        return insert(tx, { orderId, status: "cancelled", ...empty });
      }),
    find: async (orderId) => find(orderId),
    async list(filter, { after, limit }) {
      const all = [...tables.shipments.rows().values()].map(({ shipment }) => shipment);
      const last = all.find(({ id }) => id === after);
      const sorted = all.filter((shipment) => matches(shipment, filter)).sort(byAge(filter));
      return sorted.filter((one) => last === undefined || byAge(filter)(last, one) < 0).slice(0, limit);
    },
    async tracking(orderId) {
      const received = [...tables.messages.rows().values()].filter((message) => message.orderId === orderId);
      return received
        .sort((a, b) => a.at.getTime() - b.at.getTime())
        .map(({ status, location, at }) => ({ status, location, at }));
    },
    update: (read, decide, message) =>
      db.transaction(async (tx) => {
        const { orderId } = read;
        let before = read;
        for (;;) {
          const { shipment: after, passed } = decide(before);
          if (after === before && message === undefined) return before;
          const stored = find(orderId, tx);
          if (stored === undefined) throw shippingErrors.SHIPMENT_NOT_FOUND({ orderId });
          if (stored.status !== before.status || stored.carrierId !== before.carrierId) {
            before = stored;
            continue;
          }
          if (message !== undefined && !receive(tx, message)) return before;
          publish(tx, orderId, passed);
          if (after !== before) {
            const checkAt = ended(after) ? undefined : later(now(), checkAfterMs);
            tables.shipments.rows(tx).set(orderId, { shipment: after, updatedAt: now(), checkAt });
          }
          return after;
        }
      }),
  };
}

/** Checks of shipments in memory. */
export function memoryChecks({ db, shipments }: MemoryTables, { now, checkAfterMs }: Options): ShipmentChecks {
  return {
    claimDue: (limit) =>
      db.transaction(async (tx) => {
        const rows = [...shipments.rows(tx).values()];
        const due = rows.flatMap((row) =>
          row.checkAt && row.checkAt <= now() ? [{ ...row, checkAt: row.checkAt }] : [],
        );
        const claimed = due.sort((a, b) => a.checkAt.getTime() - b.checkAt.getTime()).slice(0, limit);
        for (const row of claimed) {
          const age = now().getTime() - row.updatedAt.getTime();
          const checkAt = later(now(), Math.max(checkAfterMs, Math.min(age / 2, LONGEST_CHECK_MS)));
          shipments.rows(tx).set(row.shipment.orderId, { ...row, checkAt });
        }
        return claimed.map(({ shipment }) => shipment);
      }),
    record: (orderId, found) =>
      db.transaction(async (tx) => {
        const row = shipments.rows(tx).get(orderId);
        if (row === undefined || ended(row.shipment)) return;
        const forgotten = found === "forgotten" || (found === "unanswered" && (row.forgotten ?? false));
        shipments.rows(tx).set(orderId, { ...row, unanswered: found === "unanswered", forgotten });
      }),
  };
}

function matches(shipment: Shipment, filter: ShipmentFilter): boolean {
  const { status, createdFrom, createdUntil, userId, orderId, trackingNumber } = filter;
  const { createdAt } = shipment;
  const is = <T>(wanted: T | undefined, actual: T) => wanted === undefined || wanted === actual;
  return (
    shipment.address !== undefined &&
    is(status, shipment.status) &&
    is(userId, shipment.userId) &&
    is(orderId, shipment.orderId) &&
    is(trackingNumber, shipment.trackingNumber) &&
    (createdFrom === undefined || createdAt >= createdFrom) &&
    (createdUntil === undefined || createdAt < createdUntil)
  );
}

const byAge = ({ oldestFirst }: ShipmentFilter) => {
  const order = (a: Shipment, b: Shipment) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1);
  return (a: Shipment, b: Shipment) => (oldestFirst ? order(a, b) : order(b, a));
};
