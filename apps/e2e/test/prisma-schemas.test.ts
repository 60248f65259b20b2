import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { messagingTables } from "@kontor/messaging";
import { migrate, readMigrations } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { copyMigrations, startPostgres } from "@kontor/testing";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { type ServiceApp, serviceApps } from "../../../scripts/reference/apps.ts";
import { prismaDeploy, prismaDiff } from "./prisma-engine.ts";

const apps = new URL("../../", import.meta.url);
const log = createLogger({ service: "test", level: "silent" });

/** Returns the schema files of a service: its own, and those of the packages that keep tables in its database. */
function schemasOf({ name, tables = [] }: ServiceApp): readonly string[] {
  const packaged = [messagingTables, ...tables].map(
    (folder) => new URL(`../${basename(folder.pathname)}.prisma`, folder),
  );
  const files = [new URL(`${name}/prisma/schema.prisma`, apps), ...packaged];
  return files.map((file) => readFileSync(file, "utf8"));
}

async function withDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const database = await (await startPostgres()).createDatabase();
  await work(database.url).finally(() => database.drop());
}

async function runSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

describe.each(serviceApps)("the database of $name", (service) => {
  it("is what schema.prisma of the service and of its packages describe, by `prisma migrate diff`", () =>
    withDatabase(async (url) => {
      await migrate({ url, folders: migrationsOf(service), log });
      expect(await prismaDiff(url, schemasOf(service))).toBe("");
    }));

  it("has no migration left for `prisma migrate deploy`", () =>
    withDatabase(async (url) => {
      await migrate({ url, folders: migrationsOf(service), log });
      expect(await prismaDeploy(url, await readMigrations(migrationsOf(service)))).toEqual([]);
    }));

  it("is up to date if the service migrated it when it had copies of the packages' migrations", () =>
    withDatabase(async (url) => {
      const copies = await copyMigrations(migrationsOf(service));
      await migrate({ url, folders: [copies], log });
      expect(await migrate({ url, folders: migrationsOf(service), log })).toEqual({ applied: [] });
      await rm(copies, { recursive: true });
    }));

  it("is up to date for pods that have copies of the packages' migrations", () =>
    withDatabase(async (url) => {
      const copies = await copyMigrations(migrationsOf(service));
      await migrate({ url, folders: migrationsOf(service), log });
      expect(await migrate({ url, folders: [copies], log })).toEqual({ applied: [] });
      await rm(copies, { recursive: true });
    }));
});

describe("the schema files of orders", () => {
  const [orders] = serviceApps.filter(({ name }) => name === "orders");

  it.each([
    ["a column that may be null", "ALTER TABLE idempotency_claims ALTER COLUMN token SET NOT NULL", "DROP NOT NULL"],
    ["a column of another type", "ALTER TABLE orders ALTER COLUMN user_id TYPE varchar(9)", "DATA TYPE TEXT"],
    ["a table", "CREATE TABLE forgotten (id text PRIMARY KEY)", 'DROP TABLE "forgotten"'],
  ])("differ from a database that has changed by %s", (_, change, sql) =>
    withDatabase(async (url) => {
      if (orders === undefined) throw new Error("There is no service orders.");
      await migrate({ url, folders: migrationsOf(orders), log });
      await runSql(url, change);
      expect(await prismaDiff(url, schemasOf(orders))).toContain(sql);
    }),
  );

  it("belong to a database that `prisma migrate deploy` makes, which a service then starts on", () =>
    withDatabase(async (url) => {
      if (orders === undefined) throw new Error("There is no service orders.");
      const migrations = await readMigrations(migrationsOf(orders));
      expect(await prismaDeploy(url, migrations)).toEqual(migrations.map(({ name }) => name));
      expect(await migrate({ url, folders: migrationsOf(orders), log })).toEqual({ applied: [] });
    }));
});

/** SHA-256 of the migrations that databases have applied, from the beginning. A changed migration is refused by all of them. */
const released = {
  "20261121000003_event_store": "9c347ada72697d0b",
  "20261130000000_idempotency": "8c3985f6d312005f",
  "20261121000001_messaging": "4c43971ebd762651",
  "20261130000019_deferred_messages": "1f02d6cc07ae1897",
  "20261121000002_saga": "af3be0b396ac9c27",
  "20261130000200_saga_ended": "f2b12732f5240b96",
  "20261130000300_saga_history": "7d1355204fb7165a",
};

it("packages do not change applied migrations", () => {
  const folders = [messagingTables, ...serviceApps.flatMap(({ tables = [] }) => tables)];
  const names = folders.flatMap((folder) =>
    readdirSync(folder).map((name) => [name, new URL(`${name}/migration.sql`, folder)] as const),
  );
  const sums = names.map(([name, file]) => [
    name,
    createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16),
  ]);
  expect(Object.fromEntries(sums)).toMatchObject(released);
});
