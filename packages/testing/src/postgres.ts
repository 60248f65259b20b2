import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { launchPostgres, type PostgresServer } from "@kontor/servers";
import pg from "pg";
import { temporaryFolder } from "./temporary-folder.ts";

/** A database of one test, empty at first. */
export type TestDatabase = {
  /** Its own name: the prefix and random digits. */
  readonly name: string;
  /** Logs in as the owner role if `owner` is set, else as superuser. */
  readonly url: string;
  /** Logs in as the run role of a service if `owner` is set, else as superuser. It has no rights before `migrate`. */
  readonly runUrl: string;
  /** Ends its sessions and deletes it, and its roles. Calling it again does nothing. */
  drop(): Promise<void>;
};

/** `owner` creates two login roles, one that owns and migrates and one that runs, as services have in production. */
export type DatabaseOptions = { owner?: boolean };

/** The PostgreSQL server of this test run. */
export type Postgres = {
  /** Superuser, database `postgres`. */
  readonly url: string;
  /** The name is a prefix that makes logs readable; the database's own name is unique. */
  createDatabase(name?: string, options?: DatabaseOptions): Promise<TestDatabase>;
  /** Drops the databases that were created through this handle. */
  stop(): Promise<void>;
};

/** Names the server that `global-setup` started for all workers. */
export const SERVER_URL = "KONTOR_TEST_POSTGRES_URL";

let own: Promise<PostgresServer> | undefined;

/**
 * Resolves to a handle of the server of this run; starts one if the run has none. Cheap to call.
 *
 * ```ts
 * const postgres = await startPostgres();
 * const { url, drop } = await postgres.createDatabase("orders", { owner: true });
 * await drop();
 * ```
 */
export async function startPostgres(): Promise<Postgres> {
  const url = process.env[SERVER_URL] ?? (await ownServer()).url;
  const databases = new Set<TestDatabase>();
  return {
    url,
    createDatabase: async (name, options) => {
      const database = await createDatabase(url, name, options);
      databases.add(database);
      return database;
    },
    stop: async () => {
      await Promise.all([...databases].map((database) => database.drop()));
      databases.clear();
    },
  };
}

/** Starts the server that is thrown away with the run: nothing it does reaches the disk for sure. */
export async function launchTestPostgres(): Promise<PostgresServer> {
  const folder = await temporaryFolder("postgres");
  return launchPostgres({ dataDir: join(folder, "data"), durable: false, temporary: folder });
}

function ownServer(): Promise<PostgresServer> {
  own ??= launchTestPostgres();
  return own;
}

async function createDatabase(
  server: string,
  prefix = "test",
  { owner = false }: DatabaseOptions = {},
): Promise<TestDatabase> {
  const name = `${prefix}_${randomBytes(6).toString("hex")}`;
  const runName = `${name}_run`;
  const url = new URL(server);
  url.pathname = name;
  const runUrl = new URL(url);
  await asSuperuser(server, async (sql) => {
    if (owner) {
      await createRole(sql, url, name);
      await createRole(sql, runUrl, runName);
    }
    await sql(`CREATE DATABASE "${name}" ${owner ? `OWNER "${name}"` : ""}`);
    await sql(`REVOKE CONNECT ON DATABASE "${name}" FROM PUBLIC`);
  });
  const drop = () =>
    asSuperuser(server, async (sql) => {
      await sql(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      await sql(`DROP ROLE IF EXISTS "${name}", "${runName}"`);
    });
  return { name, url: url.href, runUrl: runUrl.href, drop };
}

/** Creates a role that logs in by `url`. */
async function createRole(sql: (text: string) => Promise<unknown>, url: URL, name: string): Promise<void> {
  url.username = name;
  url.password = randomBytes(12).toString("hex");
  await sql(`CREATE ROLE "${name}" LOGIN PASSWORD '${url.password}'`);
}

async function asSuperuser(
  url: string,
  work: (sql: (text: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work((text) => client.query(text));
  } finally {
    await client.end();
  }
}
