import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { money } from "@kontor/money";
import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { OrderStatus } from "@kontor/shop/contracts/orders/v1/order";
import { OrderSort, SearchOrdersRequestSchema } from "@kontor/shop/contracts/orders/v1/orders_service";
import { rowsOf, startPostgres } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import { searchOf } from "../src/contract/search-request.ts";
import { aLine, aPlacement } from "../src/domain/fixtures.ts";
import { newOrder, type OrderEvent } from "../src/domain/order.ts";
import { orderNumber } from "../src/domain/order-number.ts";
import { searchStatement } from "../src/outbound/order-search.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";
import type { Orders } from "../src/ports.ts";
import { searchOrders } from "../src/queries/search-orders.ts";
import { createMemoryOrders } from "./memory-orders.ts";

type Request = MessageInitShape<typeof SearchOrdersRequestSchema>;

interface Store {
  readonly db: Pick<Database, "transaction">;
  readonly orders: Orders;
}

const postgres = await startPostgres();
let db: Database;
const requestOf = (request: Request) => searchOf(create(SearchOrdersRequestSchema, request));
const day = (n: number) => new Date(Date.UTC(2026, 10, n));

async function open(name: string): Promise<Database> {
  const { url } = await postgres.createDatabase(name, { owner: true });
  const log = { info: () => undefined };
  await migrate({ url, folders: migrationsOf(ordersApp), log });
  return openDatabase({ url, service: "test" });
}

/** Order n was placed on day n. */
function placeIn({ orders, db }: Store) {
  return (n: number, overrides: Parameters<typeof aPlacement>[0], ...events: OrderEvent[]): Promise<void> => {
    const placed = aPlacement({ orderId: `o-${n}`, number: orderNumber(n), ...overrides });
    return db.transaction(async (tx) => {
      await orders.place(tx, newOrder(placed, day(n)));
      await orders.change(tx, `o-${n}`, () => events);
    });
  };
}

async function placeSamples(store: Store): Promise<void> {
  const place = placeIn(store);
  const { address } = aPlacement();
  const at = day(9);
  await place(1, { lines: [aLine({ sku: "MUG-1", title: "Café Crème Cup" })] });
  await place(
    2,
    { userId: "u-2", total: money("EUR", 999n), address: { ...address, recipient: "Jürgen Müller" } },
    { type: "confirmed", at },
  );
  await place(
    3,
    { lines: [aLine({ sku: "MUG-12" }), aLine({ sku: "P-7" })], total: money("USD", 5n) },
    { type: "cancellation-requested", by: "u", reason: "", at },
  );
  await place(4, {}, { type: "rejected", reason: "OUT_OF_STOCK", detail: "", at });
}

beforeAll(async () => {
  db = await open("orders");
  await placeSamples({ db, orders: createOrderStore(db) });
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

const memory = createMemoryDatabase();
const inMemory: Store = { db: memory, orders: createMemoryOrders(memory) };
await placeSamples(inMemory);

describe.each<[string, () => Orders]>([
  ["on PostgreSQL", () => createOrderStore(db)],
  ["in memory", () => inMemory.orders],
])("staff list orders %s", (_, orders) => {
  const search = (request: Request) => searchOrders({ orders: orders() })(requestOf(request));
  const found = async (request: Request) => (await search(request)).items.map(({ orderId }) => orderId);

  it("of all users, newest or oldest first", async () => {
    expect(await found({})).toEqual(["o-4", "o-3", "o-2", "o-1"]);
    expect(await found({ orderBy: OrderSort.OLDEST })).toEqual(["o-1", "o-2", "o-3", "o-4"]);
  });

  it("by total, within each currency", async () => {
    expect(await found({ orderBy: OrderSort.TOTAL_ASCENDING })).toEqual(["o-2", "o-1", "o-4", "o-3"]);
    expect(await found({ orderBy: OrderSort.TOTAL_DESCENDING })).toEqual(["o-3", "o-4", "o-1", "o-2"]);
    expect(await found({ orderBy: OrderSort.TOTAL_DESCENDING, userId: "u-2" })).toEqual(["o-2"]);
  });

  it.each<[string, Request, string[]]>([
    ["status", { status: OrderStatus.PLACED }, ["o-1"]],
    ["the status of a cancellation in progress", { status: OrderStatus.CANCELLING }, ["o-3"]],
    ["another status", { status: OrderStatus.REJECTED }, ["o-4"]],
    ["date", { placedFrom: timestampFromDate(day(2)), placedUntil: timestampFromDate(day(4)) }, ["o-3", "o-2"]],
    ["customer", { userId: "u-2" }, ["o-2"]],
    ["number", { number: "k00000003" }, ["o-3"]],
    ["SKU, whole", { sku: "MUG-1" }, ["o-1"]],
    ["any SKU", { sku: "P-7" }, ["o-3"]],
    ["the beginning of a word", { text: "jurg" }, ["o-2"]],
    ["words in any order and spelling", { text: "MULLER, Jürgen" }, ["o-2"]],
    ["accents in either", { text: "crème" }, ["o-1"]],
    ["accents in the document alone", { text: "creme cafe" }, ["o-1"]],
    ["a SKU as text", { text: "p-7" }, ["o-3"]],
    ["a number as text", { text: "K-0000-0004" }, ["o-4"]],
    ["an unknown number", { number: "K-0000-0009" }, []],
    ["two numbers", { number: "K-0000-0004", text: "K-0000-0003" }, []],
    ["several filters", { status: OrderStatus.CONFIRMED, text: "jürgen", userId: "u-2", sku: "P-101" }, ["o-2"]],
    ["filters that no order satisfies together", { status: OrderStatus.CONFIRMED, userId: "u-1" }, []],
  ])("by %s", async (_, request, expected) => {
    expect(await found(request)).toEqual(expected);
  });

  it.each(Object.values(OrderSort).filter((sort) => typeof sort === "number"))(
    "in pages that follow each other, sorted by %d",
    async (orderBy) => {
      const seen: string[] = [];
      let pageToken = "";
      do {
        const page = await search({ orderBy, pageSize: 1, pageToken });
        seen.push(...page.items.map(({ orderId }) => orderId));
        pageToken = page.nextPageToken ?? "";
      } while (pageToken !== "");
      expect(seen).toEqual(await found({ orderBy }));
    },
  );

  it("with a token for the same filters and order only", async () => {
    const { nextPageToken: pageToken = "" } = await search({ text: "mug", pageSize: 1 });
    for (const other of [{ text: "mu" }, { text: "mug", sku: "P-7" }, { text: "mug", orderBy: OrderSort.OLDEST }])
      await expect(search({ ...other, pageSize: 1, pageToken })).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
  });

  it.each<[string, Request]>([
    ["number", { number: "7" }],
    ["text", { text: "'&:*" }],
    ["text", { text: "a\0b" }],
    ["pageSize", { pageSize: 101 }],
  ])("and report a wrong %s", async (field, request) => {
    const refused = (async () => search(request))();
    await expect(refused).rejects.toMatchObject({ reason: "INVALID_REQUEST", violations: [{ field }] });
  });
});

describe("each list of orders", () => {
  let large: Database;
  beforeAll(async () => {
    large = await open("large");
    await large.query("ALTER TABLE orders DISABLE TRIGGER orders_complete");
    await large.query(`
      INSERT INTO orders (id, user_id, placement, stage, version, placed_at, updated_at, number)
      SELECT 'o-' || n, 'u-' || n % 5000, jsonb_build_object('total', jsonb_build_object('currency', 'EUR', 'minor', n::text)), CASE n % 1000 WHEN 0 THEN 'rejected' ELSE 'completed' END, 1,
        timestamptz '2026-01-01' + n * interval '1 minute', now(), 'K-' || n
      FROM generate_series(1, 100000) n`);
    await large.query(`
      INSERT INTO order_search (order_id, placed_at, skus, words)
      SELECT 'o-' || n, now(), ARRAY['SKU-' || n % 2000], array_to_tsvector(ARRAY['ada', 'word' || n % 3000])
      FROM generate_series(1, 100000) n`);
    await large.query("ANALYZE");
  }, 60_000);
  afterAll(() => large.close());

  it.each<[string, Request]>([
    ["all", {}],
    ["a status", { status: OrderStatus.REJECTED }],
    ["a status without orders", { status: OrderStatus.PLACED }],
    ["cancellations", { status: OrderStatus.CANCELLING }],
    ["dates", { placedFrom: timestampFromDate(day(1)), placedUntil: timestampFromDate(day(2)) }],
    ["a customer", { userId: "u-7" }],
    ["a number", { number: "K-7Q4M-2X9P" }],
    ["a SKU", { sku: "SKU-7" }],
    ["a word", { text: "word7" }],
    ["a word that all have", { text: "ada" }],
    ["words and a status", { text: "ada word7", status: OrderStatus.REJECTED }],
    ["the oldest first", { orderBy: OrderSort.OLDEST, sku: "SKU-7" }],
    ["the lowest total first", { orderBy: OrderSort.TOTAL_ASCENDING }],
    ["the highest total first, of a status", { orderBy: OrderSort.TOTAL_DESCENDING, status: OrderStatus.REJECTED }],
    ["the highest total first, of a word", { orderBy: OrderSort.TOTAL_DESCENDING, text: "word7" }],
  ])("is served by indexes: %s", async (_, request) => {
    const { filter } = requestOf(request);
    for (const after of [undefined, "o-1"]) {
      const { text, values } = searchStatement(filter, { ...(after && { after }), limit: 21 });
      const plan = await rowsOf<{ "QUERY PLAN": string }>(large, `EXPLAIN ${text}`, values);
      expect(plan.map((line) => line["QUERY PLAN"]).join("\n")).not.toContain("Seq Scan");
    }
  });
});
