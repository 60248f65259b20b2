import { randomInt, randomUUID } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { isKontorError } from "@kontor/errors";
import { createIdempotency } from "@kontor/idempotency";
import { openDatabase } from "@kontor/postgres";
import { StockChangedSchema } from "@kontor/shop/contracts/inventory/v1/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bookStock } from "../src/commands/book-stock.ts";
import { expireReservations } from "../src/commands/expire-reservations.ts";
import { createPublications } from "../src/outbound/publications.ts";
import { createReservationStore } from "../src/outbound/reservation-store.ts";
import { createStockStore } from "../src/outbound/stock-store.ts";
import type { Reservations } from "../src/ports.ts";
import { anOrder, reasonOf, type Shop, startShop } from "./shop.ts";

describe("many at once", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(() => shop.stop());

  const times = <T>(count: number, call: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => call(index)));
  const openReplicas = (count: number) => Array.from({ length: count }, () => openReplica(shop.url));
  const close = (replicas: readonly Replica[]) => Promise.all(replicas.map(({ database }) => database.close()));
  const deadlocks = async () => {
    const [row] = await shop.db.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    return row?.deadlocks;
  };

  it("50 orders want the last unit, and one gets it", async () => {
    const sku = await shop.sku({ A: 1 });
    const reasons = await times(50, () => reasonOf(shop.orders.reserveStock(anOrder({ sku, quantity: 1 }))));
    expect(reasons.filter((reason) => reason === "none")).toHaveLength(1);
    expect(reasons.filter((reason) => reason === "OUT_OF_STOCK")).toHaveLength(49);
  });

  it("50 orders want 20 units at 3 locations, and 20 get one", async () => {
    const sku = await shop.sku({ A: 7, B: 7, C: 6 });
    const reasons = await times(50, () => reasonOf(shop.orders.reserveStock(anOrder({ sku, quantity: 1 }))));
    expect(reasons.filter((reason) => reason === "none")).toHaveLength(20);
    expect(await shop.unbalanced()).toEqual([]);
  });

  it("the same order reserves 20 times, and holds its units once", async () => {
    const sku = await shop.sku({ A: 5 });
    const order = anOrder({ sku, quantity: 2 });
    await times(20, () => shop.orders.reserveStock(order));
    const { stock } = await shop.orders.getStock({ sku }, shop.user("inventory.write"));
    expect([stock?.available, stock?.held]).toEqual([3, 2]);
  });

  it("orders that name the same SKUs in any order never lock each other out", async () => {
    const replicas = openReplicas(4);
    const skus = await times(4, () => shop.sku({ A: 1000, B: 1000 }));
    const orders = Array.from({ length: 100 }, () => randomUUID());
    const reasons = await times(400, async (index) => {
      const { patient, expireAll } = replicas[index % 4] as Replica;
      const shuffled = index % 3 ? skus : skus.toReversed();
      const wanted = shuffled.map((sku) => ({ sku, quantity: 1 }));
      const reserved = await reasonOf(patient.reserve(orders[index % 100] ?? "", wanted));
      const settled = await reasonOf(index % 100 < 50 ? patient.commit(orders[index % 100] ?? "") : expireAll());
      return `${reserved} ${settled}`;
    });
    await close(replicas);
    expect(new Set(reasons)).toEqual(new Set(["none none"]));
    expect(await deadlocks()).toBe(0n);
    expect(await shop.unbalanced()).toEqual([]);
  });

  it("everything happens in two replicas at random, and the books still agree", async () => {
    const seed = Number(process.env.KONTOR_SEED ?? randomInt(2 ** 31));
    const random = mulberry32(seed);
    const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
    const skus = await times(3, () => shop.sku({ A: 10, B: 10 }));
    const open = openReplicas(2);
    const orders = Array.from({ length: 150 }, () => randomUUID());

    const actions: ((replica: Replica) => Promise<unknown>)[] = [
      ({ patient }) => reserve(patient),
      ({ patient }) => reserve(patient),
      ({ hasty }) => reserve(hasty),
      ({ patient }) => patient.commit(pick(orders)),
      ({ patient }) => patient.commit(pick(orders)),
      ({ patient }) => patient.undo(pick(orders), { soldToo: random() < 0.5 }),
      ({ expireAll }) => expireAll(),
      (replica) => book(replica),
      ({ publications }) => publications.announce(2),
    ];
    const reserve = (reservations: Reservations) => {
      const wanted = skus.filter(() => random() < 0.6);
      const items = (wanted.length > 0 ? wanted : skus).toSorted(() => random() - 0.5);
      return reservations.reserve(
        pick(orders),
        items.map((sku) => ({ sku, quantity: 1 + Math.floor(random() * 4) })),
      );
    };
    const book = ({ database, stock }: Replica) => {
      const kind = pick(["restock", "adjustment"] as const);
      const delta = kind === "restock" ? 1 : pick([-3, -1, 1]);
      const reference = `R-${Math.floor(random() * 200)}`;
      const booking = {
        kind,
        sku: pick(skus),
        locationId: pick(["A", "B"]),
        delta,
        reason: "",
        reference,
        actorId: "U-1",
      };
      const call = { deadline: new Date(Date.now() + 30_000), signal: new AbortController().signal };
      return bookStock({ idempotency: createIdempotency(database), stock })(booking, { call, validate: () => {} });
    };

    const expected = ["OUT_OF_STOCK", "STOCK_TOO_LOW", "IDEMPOTENCY_KEY_REUSED"];
    const workers = times(16, async (worker) => {
      for (let step = 0; step < 150; step += 1) {
        await pick(actions)(open[worker % 2] as Replica).catch((error: unknown) => {
          if (!isKontorError(error) || !expected.includes(error.reason)) throw error;
        });
      }
    });
    await workers.finally(() => close(open));

    expect(await shop.unbalanced(), `KONTOR_SEED=${seed}`).toEqual([]);
    expect(await deadlocks(), `KONTOR_SEED=${seed}`).toBe(0n);
    for (const sku of skus) await expectVersionsToGrow(shop, sku);
    const statuses = await shop.db.query("SELECT DISTINCT status FROM reservations ORDER BY status");
    expect(statuses.map(({ status }) => status)).toEqual(["committed", "expired", "held", "released", "returned"]);
  });
});

type Replica = ReturnType<typeof openReplica>;

function openReplica(url: string) {
  const database = openDatabase({ url, service: "replica" });
  const patient = createReservationStore(database, { ttlMs: 60_000, lockMs: 2_000 });
  return {
    database,
    patient,
    stock: createStockStore(database, { lockMs: 2_000 }),
    hasty: createReservationStore(database, { ttlMs: 1, lockMs: 2_000 }),
    publications: createPublications(database),
    expireAll: expireReservations({ reservations: patient }),
  };
}

async function expectVersionsToGrow(shop: Shop, sku: string): Promise<void> {
  const versions = (await shop.events(sku)).map(({ payload }) => fromBinary(StockChangedSchema, payload).version);
  expect(versions.every((version, index) => index === 0 || version > (versions[index - 1] ?? 0))).toBe(true);
}

/** Small numbers that can be replayed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
