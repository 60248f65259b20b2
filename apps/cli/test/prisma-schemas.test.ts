import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { migrate, openDatabase, type Sql } from "@kontor/postgres";
import { createLogger } from "@kontor/telemetry";
import { startPostgres } from "@kontor/testing";
import prisma from "@prisma/prisma-schema-wasm";
import { describe, expect, it } from "vitest";

const apps = new URL("../../", import.meta.url);
const packages = new URL("../../../packages/", import.meta.url);
const services = readdirSync(apps).filter((app) => existsSync(new URL(`${app}/prisma/schema.prisma`, apps)));
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
  const rows = await sql.query<{ column: string }>(`
    SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, NULL)
      || CASE WHEN a.attnotnull THEN ' not null' ELSE ' null' END
      || CASE WHEN a.attnum = ANY (k.conkey) THEN ' key' ELSE '' END AS "column"
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations'
      AND NOT c.relispartition AND format_type(a.atttypid, NULL) <> 'tsvector'`);
  return rows.map(({ column }) => column);
}

describe.each(services)("the schema.prisma of %s", (service) => {
  it("describes the tables that its migrations make", async () => {
    const database = await (await startPostgres()).createDatabase();
    try {
      await migrate({ url: database.url, folder: new URL(`${service}/prisma/migrations/`, apps), log });
      const db = openDatabase({ url: database.url, service: "test" });
      const columns = await actual(db).finally(() => db.close());
      const schema = readFileSync(new URL(`${service}/prisma/schema.prisma`, apps), "utf8");
      expect(described(schema).sort()).toEqual(columns.sort());
    } finally {
      await database.drop();
    }
  });
});

describe("the tables of the kit", () => {
  it.each([
    ["messaging", "messaging"],
    ["messaging", "deferred-messages"],
    ["saga", "saga"],
    ["saga", "saga-ended"],
    ["saga", "saga-history"],
    ["event-store", "event-store"],
    ["idempotency", "idempotency"],
  ])("of %s, file %s, stand verbatim in a migration of each service that has them", (kit, file) => {
    const sql = readFileSync(new URL(`${kit}/sql/${file}.sql`, packages), "utf8");
    const suffix = `_${file.replace("-", "_")}`;
    for (const service of services) {
      const folder = new URL(`${service}/prisma/migrations/`, apps);
      const name = readdirSync(folder).find((migration) => migration.endsWith(suffix));
      if (name === undefined) continue;
      const copy = readFileSync(new URL(`${name}/migration.sql`, folder), "utf8");
      expect(copy, fileURLToPath(new URL(name, folder))).toBe(sql);
    }
  });
});
