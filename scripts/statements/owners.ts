import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { type StatementSources, writeMissingTypes } from "../../packages/typed-sql/src/index.ts";

/** A service or package with statements, and the migrations of its tables. */
export interface Owner extends StatementSources {
  readonly migrations: readonly URL[];
}

const root = new URL("../../", import.meta.url);

/** The operator's commands read the tables of sagas in the database of any service. */
const commands: Owner = {
  owner: "cli",
  source: new URL("apps/cli/src/", root),
  schemas: [],
  migrations: [new URL("packages/saga/prisma/saga/", root)],
};

/** Returns the packages that have statements, then the services and the operator's commands. */
export async function statementOwners(): Promise<readonly Owner[]> {
  const all = [...(await packages()), ...(await appsWithTables()), commands];
  await Promise.all(all.map(({ owner, source }) => writeMissingTypes(owner, source)));
  return [...(await packages()), ...(await services()), commands];
}

async function packages(): Promise<readonly Owner[]> {
  const names = (await readdir(new URL("packages/", root))).sort();
  return names.flatMap((owner) => {
    const source = new URL(`packages/${owner}/src/`, root);
    const tables = new URL(`packages/${owner}/prisma/${owner}/`, root);
    const migrations = existsSync(tables) ? [tables] : [];
    return existsSync(new URL("gen/statements.ts", source)) || migrations.length > 0
      ? [{ owner, source, migrations, schemas: migrations.map(schemaOf) }]
      : [];
  });
}

async function appsWithTables() {
  const names = (await readdir(new URL("apps/", root))).sort();
  const withTables = names.filter((name) => existsSync(new URL(`apps/${name}/prisma/schema.prisma`, root)));
  return withTables.map((owner) => ({ owner, source: new URL(`apps/${owner}/src/`, root) }));
}

/** Returns the services. Their modules can be imported once the files of the types are there. */
async function services(): Promise<readonly Owner[]> {
  const { migrationsOf } = await import("../../packages/service/src/index.ts");
  const { serviceApps } = await import("../reference/apps.ts");
  return serviceApps.map((service) => ({
    owner: service.name,
    source: new URL(`apps/${service.name}/src/`, root),
    schemas: [new URL(`apps/${service.name}/prisma/schema.prisma`, root)],
    migrations: migrationsOf(service),
  }));
}

/** Returns the models of a package's tables, which are next to the folder of its migrations. */
function schemaOf(tables: URL): URL {
  return new URL(`../${basename(tables.pathname)}.prisma`, tables);
}
