import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A database and folders of migrations that contradict each other, or a migration that failed. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/** One `<timestamp>_<name>/migration.sql` of Prisma's layout. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in hexadecimal, as Prisma stores it. */
  readonly checksum: string;
  /** Migrations of other folders that this one stands for: the tables that they create come from it. Default: none. */
  readonly replaces?: readonly string[];
}

/**
 * Reads the migrations of all folders in the order of their names. A file `replaces` next to `migration.sql` names the migrations, one
 * a line, that it stands for; those are left out. A service whose own table became that of a package needs it.
 *
 * @throws MigrationError if two of them have the same name or the same SQL.
 */
export async function readMigrations(folders: readonly (string | URL)[]): Promise<readonly Migration[]> {
  const migrations = (await Promise.all(folders.map(readFolder))).flat();
  const sorted = migrations.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  requireDistinct(sorted);
  const replaced = new Set(sorted.flatMap(({ replaces = [] }) => replaces));
  return sorted.filter(({ name }) => !replaced.has(name));
}

function requireDistinct(migrations: readonly Migration[]): void {
  const names = new Set<string>();
  const bySql = new Map<string, string>();
  for (const { name, checksum } of migrations) {
    if (names.has(name)) throw new MigrationError(`Two folders have a migration ${name}. Rename the newer one.`);
    const same = bySql.get(checksum);
    if (same !== undefined)
      throw new MigrationError(`Migrations ${same} and ${name} have the same SQL. Delete the service's copy.`);
    names.add(name);
    bySql.set(checksum, name);
  }
}

async function readFolder(location: string | URL): Promise<readonly Migration[]> {
  const folder = location instanceof URL ? fileURLToPath(location) : location;
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.map((name) => readMigration(folder, name)));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const file = await readFile(join(folder, name, "migration.sql"));
  const replaces = await replacedBy(join(folder, name));
  const checksum = createHash("sha256").update(file).digest("hex");
  return { name, sql: file.toString("utf8"), checksum, ...(replaces.length > 0 && { replaces }) };
}

async function replacedBy(folder: string): Promise<readonly string[]> {
  try {
    return (await readFile(join(folder, "replaces"), "utf8")).split("\n").filter((name) => name !== "");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
