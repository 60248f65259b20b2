import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { messagingTables } from "@kontor/messaging";
import { migrate, openDatabase, type Sql } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { copyMigrations, rowsOf, startPostgres } from "@kontor/testing";
import prisma from "@prisma/prisma-schema-wasm";
import { describe, expect, it } from "vitest";
import { type ServiceApp, serviceApps } from "../../../scripts/reference/apps.ts";

const apps = new URL("../../", import.meta.url);
const log = createLogger({ service: "test", level: "silent" });

type Field = {
  name: string;
  dbName?: string;
  kind: string;
  type: string;
  isRequired: boolean;
  isList: boolean;
  isId: boolean;
  nativeType: [string, string[]] | null;
};
type Model = { name: string; dbName: string | null; fields: Field[]; primaryKey: { fields: string[] } | null };

/** The columns as `table.column type null|not null`, primary keys marked, that a schema.prisma describes. */
function described(schema: string): string[] {
  const { datamodel } = JSON.parse(prisma.get_dmmf(JSON.stringify({ prismaSchema: schema })));
  return (datamodel.models as Model[]).flatMap(({ name, dbName, fields, primaryKey }) =>
    fields
      .filter(({ kind }) => kind !== "object")
      .map((field) => {
        const key = field.isId || primaryKey?.fields.includes(field.name);
        const nullable = field.isRequired ? "not null" : "null";
        return `${dbName ?? name}.${field.dbName ?? field.name} ${columnType(field)} ${nullable}${key ? " key" : ""}`;
      }),
  );
}

const types: Record<string, string> = {
  String: "text",
  BigInt: "bigint",
  Int: "integer",
  SmallInt: "smallint",
  Boolean: "boolean",
  Json: "jsonb",
  Bytes: "bytea",
  Float: "double precision",
  Decimal: "numeric",
  Uuid: "uuid",
  Timestamptz: "timestamp with time zone",
  DateTime: "timestamp without time zone",
  Unsupported: "unsupported",
};

function columnType({ type, nativeType, isList }: Field): string {
  const named = nativeType?.[0] ?? type;
  return `${types[named] ?? named}${isList ? "[]" : ""}`;
}

/** The same of a database. Columns of types that Prisma cannot name are left out on both sides. */
async function actual(sql: Sql): Promise<string[]> {
  const rows = await rowsOf<{ column: string }>(
    sql,
    `
    SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, NULL)
      || CASE WHEN a.attnotnull THEN ' not null' ELSE ' null' END
      || CASE WHEN a.attnum = ANY (k.conkey) THEN ' key' ELSE '' END AS "column"
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations'
      AND NOT c.relispartition AND format_type(a.atttypid, NULL) <> 'tsvector'`,
  );
  return rows.map(({ column }) => column);
}

/** The models of a service: its own, and those of the packages with tables in its database. */
function modelsOf({ name, tables = [] }: ServiceApp): string {
  const packaged = [messagingTables, ...tables].map(
    (folder) => new URL(`../${basename(folder.pathname)}.prisma`, folder),
  );
  const files = [new URL(`${name}/prisma/schema.prisma`, apps), ...packaged];
  return files.map((file) => readFileSync(file, "utf8")).join("\n");
}

async function withDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const database = await (await startPostgres()).createDatabase();
  await work(database.url).finally(() => database.drop());
}

describe.each(serviceApps)("the database of $name", (service) => {
  it("has the tables that schema.prisma of the service and of its packages describe", () =>
    withDatabase(async (url) => {
      await migrate({ url, folders: migrationsOf(service), log });
      const db = openDatabase({ url, service: "test" });
      const columns = await actual(db).finally(() => db.close());
      expect(described(modelsOf(service)).sort()).toEqual(columns.sort());
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
