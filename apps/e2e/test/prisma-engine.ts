import type { Migration } from "@kontor/postgres";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import { SchemaEngine } from "@prisma/schema-engine-wasm";
import pg from "pg";

const NOTHING_EXTERNAL = { externalTables: [], externalEnums: [] };
const CHANGES = 2;

/**
 * Returns the SQL that `prisma migrate diff` writes to bring a database to what schema files describe, or "" if they agree. It runs Prisma's
 * schema engine as WebAssembly. CHECK constraints, triggers, functions and partial indexes are unknown to Prisma and not compared.
 */
export function prismaDiff(url: string, schemas: readonly string[]): Promise<string> {
  const files = schemas.map((content, index) => ({ path: `${index}.prisma`, content }));
  return withEngine(url, async (running) => {
    const { exitCode, stdout } = await running.diff({
      from: { tag: "schemaDatasource", files, configDir: "." },
      to: { tag: "schemaDatamodel", files },
      script: true,
      exitCode: true,
      filters: NOTHING_EXTERNAL,
    });
    return exitCode === CHANGES ? (stdout ?? "") : "";
  });
}

/** Applies migrations as `prisma migrate deploy` does, and returns the names of those that the database did not have. */
export function prismaDeploy(url: string, migrations: readonly Migration[]): Promise<readonly string[]> {
  const migrationsList = {
    baseDir: "migrations",
    lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"' },
    shadowDbInitScript: "",
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: "migration.sql", content: { tag: "ok" as const, value: sql } },
    })),
  };
  return withEngine(url, async (running) => {
    const { appliedMigrationNames } = await running.applyMigrations({ migrationsList, filters: NOTHING_EXTERNAL });
    return appliedMigrationNames;
  });
}

/** The engine reports what stopped it to this global of Prisma's command line, before it traps. */
const panics: string[] = [];
Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => panics.push(message) } });
async function withEngine<T>(url: string, work: (running: SchemaEngine) => Promise<T>): Promise<T> {
  const connect = () => catalogAdapter(url);
  const factory = { provider: "postgres", adapterName: "catalog", connect, connectToShadowDb: connect } as const;
  const bound = bindMigrationAwareSqlAdapterFactory(factory);
  const running = await SchemaEngine.new({ datamodels: undefined }, () => undefined, bound);
  try {
    return await work(running);
  } catch (cause) {
    throw new Error(`Prisma's schema engine failed: ${panics.pop() ?? cause}`, { cause });
  } finally {
    running.free();
  }
}

/** The type "char" of PostgreSQL's catalog, and text. */
const [CHAR, TEXT] = [18, 25];

/**
 * Returns Prisma's adapter for pg with two corrections of version 7.10.1: it refuses columns of the type "char", which the engine queries and
 * expects as characters. It also splits scripts at semicolons, even within the bodies of functions.
 */
async function catalogAdapter(url: string): ReturnType<PrismaPg["connect"]> {
  const pool = new pg.Pool({ connectionString: url });
  let characters: readonly boolean[] = [];
  const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<pg.QueryArrayResult>;
  Object.assign(pool, {
    async query(...args: unknown[]) {
      const result = await query(...args);
      characters = result.fields.map(({ dataTypeID }) => dataTypeID === CHAR);
      for (const field of result.fields) if (field.dataTypeID === CHAR) field.dataTypeID = TEXT;
      return result;
    },
  });
  const adapter = await new PrismaPg(pool, { disposeExternalPool: true }).connect();
  const queryRaw = adapter.queryRaw.bind(adapter);
  return Object.assign(adapter, {
    async executeScript(script: string) {
      await query(script);
    },
    async queryRaw(...args: Parameters<typeof queryRaw>) {
      const result = await queryRaw(...args);
      const typeOf = (type: (typeof result.columnTypes)[number], index: number) =>
        characters[index] ? ColumnTypeEnum.Character : type;
      return { ...result, columnTypes: result.columnTypes.map(typeOf) };
    },
  });
}
