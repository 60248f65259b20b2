import { type Database, migrate, userOf } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import { migrationsOf } from "./define-service.ts";
import { statement } from "./gen/statements.ts";

const CHANGEABLE = statement(
  "history.changeable",
  `SELECT t AS table FROM unnest($1::text[]) t WHERE has_table_privilege(to_regclass(t), 'UPDATE, DELETE, TRUNCATE')`,
  { prepared: false, columns: { table: "not null" } },
);

/** The settings of a service's database. */
interface Schema {
  readonly migrations: URL;
  readonly tables?: readonly URL[];
  readonly history?: readonly string[];
}

/** The address of the database, and the role. */
interface Access {
  readonly databaseUrl?: string | undefined;
  readonly databaseOwnerUrl?: string | undefined;
  readonly databaseRunRole?: string | undefined;
  readonly databaseCaFile?: string | undefined;
}

/**
 * Brings the schema up to date as the owner, if its URL is given, and grants the role that runs its rights. Without the owner's
 * URL the schema has to be up to date, or the role in `databaseUrl` has to own the database itself.
 */
export async function prepareDatabase(
  { history = [], ...schema }: Schema,
  { databaseUrl, databaseOwnerUrl, databaseRunRole, databaseCaFile }: Access,
  log: Pick<Logger, "info">,
): Promise<{ readonly applied: string[] }> {
  const url = databaseOwnerUrl ?? databaseUrl;
  if (url === undefined) throw new Error("Neither DATABASE_OWNER_URL nor DATABASE_URL is set. Set one of them.");
  const role = databaseRunRole ?? (databaseUrl && userOf(databaseUrl));
  const runAs = role && role !== userOf(url) ? { role, history } : undefined;
  return migrate({ url, caFile: databaseCaFile, folders: migrationsOf(schema), runAs, log });
}

/** Returns the tables of the history that the service could change, because it runs as a role with more rights than it needs. */
export async function changeableHistory(db: Database, { history = [] }: Schema): Promise<readonly string[]> {
  const rows = await db.query(CHANGEABLE, [history]);
  return rows.map(({ table }) => table);
}
