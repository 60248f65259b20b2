import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Refusal } from "@kontor/config";
import { root } from "./helm.ts";
import { attempt, run } from "./run.ts";

/** After every migration there is or will be. */
const LAST = "99991231235959";

/** Does something with the sources of a commit. @throws Refusal when there is none of this name */
export function atCommit<T>(commit: string, work: (folder: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const { code, err } = await attempt("git", ["archive", "--output", `${folder}.tar`, commit], { cwd: root });
    if (code !== 0) throw new Refusal(`--from ${commit}: ${err.trim()}`);
    try {
      await run("tar", ["--extract", "--file", `${folder}.tar`, "--directory", folder]);
      return await work(folder);
    } finally {
      rmSync(`${folder}.tar`);
    }
  });
}

/** Does something with the sources of a next version: these, and a column more in every table of every service and package. */
export function ofNextVersion<T>(work: (folder: string) => Promise<T>): Promise<T> {
  return inFolder((folder) => {
    const ours = (path: string) => !["node_modules", ".git", ".kontor"].includes(basename(path));
    cpSync(root, folder, { recursive: true, filter: ours, verbatimSymlinks: true });
    const folders = (kind: "apps" | "packages", migrations: (name: string) => string) =>
      readdirSync(join(folder, kind)).map((name) => join(folder, kind, name, migrations(name)));
    const packages = folders("packages", (name) => `prisma/${name}`);
    for (const migrations of packages) addColumns(migrations, tablesOf(migrations));
    // A table that moved from a service to a package is in the migrations of both.
    const moved = new Set(packages.flatMap(tablesOf));
    for (const migrations of folders("apps", () => "prisma/migrations"))
      addColumns(
        migrations,
        tablesOf(migrations).filter((table) => !moved.has(table)),
      );
    return work(folder);
  });
}

function addColumns(migrations: string, tables: readonly string[]): void {
  for (const table of tables) {
    const name = join(migrations, `${LAST}_${table}`);
    mkdirSync(name);
    writeFileSync(join(name, "migration.sql"), columnFor(table));
  }
}

/** An object that was created as a table may have another name now, be a view, or be dropped. */
const columnFor = (table: string) => `DO $$ BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = to_regclass('${table}')) IN ('r', 'p') THEN
    ALTER TABLE ${table} ADD COLUMN rehearsal text NOT NULL DEFAULT '';
  END IF;
END $$;
`;

function tablesOf(migrations: string): string[] {
  if (!existsSync(migrations)) return [];
  const folders = readdirSync(migrations, { withFileTypes: true }).filter((one) => one.isDirectory());
  const sql = folders.map(({ name }) => readFileSync(join(migrations, name, "migration.sql"), "utf8")).join("\n");
  const created = sql.matchAll(/^(?:CREATE TABLE|ALTER TABLE \S+ RENAME TO) "?(\w+)/gm);
  return [...new Set([...created].map(([, table = ""]) => table))];
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "kontor-rehearsal-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
