import { rm } from "node:fs/promises";
import { createIdempotency, requestHash } from "@kontor/idempotency";
import { migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { copyMigrations, startPostgres } from "@kontor/testing";
import { expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import { anOrderRequest } from "../src/domain/fixtures.ts";

const folders = migrationsOf(ordersApp);
const log = { info: () => undefined };
// The statements of the version before.
const CLAIM_KEY = `
  INSERT INTO idempotency_keys (user_id, key, request_hash, order_id) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING RETURNING order_id`;
const FIND_KEY = `
  SELECT k.order_id AS "orderId", k.request_hash AS "requestHash" FROM idempotency_keys k
  WHERE k.user_id = $1 AND k.key = $2`;

it("keys of the version before are replayed after the migration, and pods of both versions share them", async () => {
  const postgres = await startPostgres();
  const { url } = await postgres.createDatabase("orders", { owner: true });
  const before = await copyMigrations(folders, { before: "20261130" });
  await migrate({ url, folders: [before], log });
  const old = openDatabase({ url, service: "before", max: 1 });
  const db = openDatabase({ url, service: "after" });
  const insert = (key: string, hash: Buffer, orderId: string) =>
    old.query(CLAIM_KEY, ["u-1", key, hash, orderId], { name: "orders.claim-key" });
  const find = (key: string) => old.query(FIND_KEY, ["u-1", key], { name: "orders.find-key" });
  // The row that the previous version stored for this order request.
  const { userId, items, shippingAddressId, paymentMethod, shippingMethod } = anOrderRequest();
  const orderRequest = { userId, items, shippingAddressId, paymentMethod, shippingMethod };
  const hash = Buffer.from("3c819852cd8a41a5db5bf5ccd3afb064a907cea97d8b01bee31073eeac1f488f", "hex");
  await insert("k-1", hash, "o-1");
  await find("k-1");

  await migrate({ url, folders, log });
  const place = (key: string, orderId: string) =>
    createIdempotency(db).once(
      { scope: "u-1", key, hash: requestHash(orderRequest) },
      {
        call: { deadline: new Date(Date.now() + 10_000), signal: new AbortController().signal },
        perform: (claim) => db.transaction((tx) => claim.settle(tx, orderId)).then(() => orderId),
        replay: async (result) => result,
      },
    );
  expect(await place("k-1", "o-2")).toEqual({ value: "o-1", replayed: true });
  expect(await insert("k-2", hash, "o-3")).toEqual([{ order_id: "o-3" }]);
  expect(await place("k-2", "o-4")).toEqual({ value: "o-3", replayed: true });
  expect(await place("k-3", "o-5")).toEqual({ value: "o-5", replayed: false });
  expect(await find("k-3")).toEqual([{ orderId: "o-5", requestHash: hash }]);
  expect(await insert("k-3", hash, "o-6")).toEqual([]);

  await Promise.all([old.close(), db.close(), rm(before, { recursive: true })]);
  await postgres.stop();
});
