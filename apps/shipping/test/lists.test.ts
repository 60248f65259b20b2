import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { ShipmentStatus } from "@kontor/shop/contracts/shipping/v1/shipment";
import { ListShipmentsRequestSchema, ShipmentSort } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import { startPostgres } from "@kontor/testing";
import { expectIndexes, testStaffList } from "@kontor/testing/staff-list";
import { afterAll, beforeAll, describe, it } from "vitest";
import { shippingApp } from "../src/app.ts";
import { listOf } from "../src/contract/list-request.ts";
import { listStatement } from "../src/outbound/shipment-list.ts";
import { createShipmentStore } from "../src/outbound/shipment-store.ts";
import { listShipments } from "../src/queries/list-shipments.ts";

type Request = MessageInitShape<typeof ListShipmentsRequestSchema>;

const postgres = await startPostgres();
let db: Database;
const requestOf = (request: Request) => listOf(create(ListShipmentsRequestSchema, request));
const list = (request: Request) =>
  listShipments({ shipments: createShipmentStore(db, { checkAfterMs: 60_000 }) })(requestOf(request));
const day = (n: number) => new Date(Date.UTC(2026, 10, n));

async function open(name: string): Promise<Database> {
  const { url } = await postgres.createDatabase(name, { owner: true });
  const log = { info: () => undefined };
  await migrate({ url, folders: migrationsOf(shippingApp), log });
  return openDatabase({ url, service: "test" });
}

beforeAll(async () => {
  db = await open("small");
  // Two of them within one millisecond.
  await db.query(
    `INSERT INTO shipments (id, order_id, user_id, status, address, tracking_number, created_at) VALUES
      (uuidv7(), 'o-1', 'u-1', 'pending', '{}', '', $1), (uuidv7(), 'o-2', 'u-2', 'booked', '{}', 'T-2', $2),
      (uuidv7(), 'o-3', 'u-1', 'delivered', '{}', 'T-3', $3::timestamptz + interval '1 microsecond'),
      (uuidv7(), 'o-4', '', 'cancelled', NULL, '', $3)`,
    [day(1), day(2), day(3)],
  );
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

describe("staff list shipments", () => {
  testStaffList<Request>({
    list,
    newestFirst: { orderBy: ShipmentSort.NEWEST },
    oldestFirst: { orderBy: ShipmentSort.OLDEST },
    filters: [
      ["status", { status: ShipmentStatus.BOOKED }, ["o-2"]],
      ["date", { createdFrom: timestampFromDate(day(2)), createdUntil: timestampFromDate(day(3)) }, ["o-2"]],
      ["user", { userId: "u-1" }, ["o-3", "o-1"]],
      ["order", { orderId: "o-3" }, ["o-3"]],
      ["trackingNumber", { trackingNumber: "T-2" }, ["o-2"]],
      ["filters that none satisfies together", { orderId: "o-3", userId: "u-2" }, []],
    ],
  });
});

describe("each list of shipments", () => {
  let large: Database;
  beforeAll(async () => {
    large = await open("large");
    await large.query(`
      INSERT INTO shipments (id, order_id, user_id, status, address, tracking_number, created_at)
      SELECT uuidv7(), 'o-' || n, 'u-' || n % 5000, CASE n % 1000 WHEN 0 THEN 'booked' ELSE 'delivered' END, '{}', 'T-' || n,
        timestamptz '2026-01-01' + n * interval '5 minutes'
      FROM generate_series(1, 50000) n`);
    await large.query("ANALYZE");
  }, 60_000);
  afterAll(() => large.close());

  it.each<[string, Request]>([
    ["all", {}],
    ["a status", { status: ShipmentStatus.BOOKED }],
    ["dates", { createdFrom: timestampFromDate(day(1)), createdUntil: timestampFromDate(day(2)) }],
    ["a user", { userId: "u-7" }],
    ["an order, oldest first", { orderId: "o-7", orderBy: ShipmentSort.OLDEST }],
    ["a number of the carrier", { trackingNumber: "T-2" }],
  ])("is served by indexes: %s", async (_, request) => {
    const { filter } = requestOf(request);
    await expectIndexes((page) => listStatement(filter, page), large);
  });
});
