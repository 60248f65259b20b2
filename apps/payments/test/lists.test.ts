import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import { ListPaymentsRequestSchema, PaymentSort } from "@kontor/shop/contracts/payments/v1/payments_service";
import { startPostgres } from "@kontor/testing";
import { expectIndexes, testStaffList } from "@kontor/testing/staff-list";
import { afterAll, beforeAll, describe, it } from "vitest";
import { paymentsApp } from "../src/app.ts";
import { listOf } from "../src/contract/list-request.ts";
import { listStatement } from "../src/outbound/payment-list.ts";
import { createPaymentStore } from "../src/outbound/payment-store.ts";
import { listPayments } from "../src/queries/list-payments.ts";

type Request = MessageInitShape<typeof ListPaymentsRequestSchema>;

const postgres = await startPostgres();
let db: Database;
const requestOf = (request: Request) => listOf(create(ListPaymentsRequestSchema, request));
const list = (request: Request) => listPayments({ payments: createPaymentStore(db) })(requestOf(request));
const day = (n: number) => new Date(Date.UTC(2026, 10, n));

async function open(name: string): Promise<Database> {
  const { url } = await postgres.createDatabase(name, { owner: true });
  const log = { info: () => undefined };
  await migrate({ url, folders: migrationsOf(paymentsApp), log });
  return openDatabase({ url, service: "test" });
}

beforeAll(async () => {
  db = await open("small");
  await db.query(
    `INSERT INTO payments (order_id, user_id, status, method, amount, currency, created_at, updated_at) VALUES
      ('o-1', 'u-1', 'pending', 'card', 100, 'EUR', $1, $1), ('o-2', 'u-2', 'authorised', 'card', 100, 'USD', $2, $2),
      ('o-3', 'u-1', 'captured', 'card', 100, 'EUR', $3, $3), ('o-4', '', 'voided', '', 0, '', $3, $3)`,
    [day(1), day(2), day(3)],
  );
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

describe("staff list payments", () => {
  testStaffList<Request>({
    list,
    newestFirst: { orderBy: PaymentSort.NEWEST },
    oldestFirst: { orderBy: PaymentSort.OLDEST },
    filters: [
      ["status", { status: PaymentStatus.AUTHORISED }, ["o-2"]],
      ["date", { createdFrom: timestampFromDate(day(2)), createdUntil: timestampFromDate(day(3)) }, ["o-2"]],
      ["user", { userId: "u-1" }, ["o-3", "o-1"]],
      ["order", { orderId: "o-3" }, ["o-3"]],
      ["currency", { currency: "USD" }, ["o-2"]],
      ["filters that none satisfies together", { orderId: "o-3", userId: "u-2" }, []],
    ],
  });
});

describe("each list of payments", () => {
  let large: Database;
  beforeAll(async () => {
    large = await open("large");
    await large.query(`
      INSERT INTO payments (order_id, user_id, status, method, amount, currency, created_at, updated_at)
      SELECT 'o-' || n, 'u-' || n % 5000, CASE n % 1000 WHEN 0 THEN 'authorised' ELSE 'captured' END, 'card', 100, 'EUR',
        timestamptz '2026-01-01' + n * interval '5 minutes', now()
      FROM generate_series(1, 50000) n`);
    await large.query("ANALYZE");
  }, 60_000);
  afterAll(() => large.close());

  it.each<[string, Request]>([
    ["all", {}],
    ["a status", { status: PaymentStatus.AUTHORISED }],
    ["dates", { createdFrom: timestampFromDate(day(1)), createdUntil: timestampFromDate(day(2)) }],
    ["a user", { userId: "u-7" }],
    ["an order, oldest first", { orderId: "o-7", orderBy: PaymentSort.OLDEST }],
    ["a currency", { currency: "USD" }],
  ])("is served by indexes: %s", async (_, request) => {
    const { filter } = requestOf(request);
    await expectIndexes((page) => listStatement(filter, page), large);
  });
});
