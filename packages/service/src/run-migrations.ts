import { readConfig, type Settings } from "@kontor/config";
import { createLogger } from "@kontor/telemetry";
import type { ServiceDefinition } from "./define-service.ts";
import { onceAvailable } from "./once-available.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { databaseSettings, serviceSettings } from "./service-settings.ts";

const DATABASE_WITHIN_MS = 60_000;

/** A service whose schema is brought up to date, and its environment. */
export interface Migration {
  readonly definition: ServiceDefinition<Settings>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Brings the schemas of a process's services up to date, one after the other, and exits with 0, for an init container. Needs
 * DATABASE_OWNER_URL and DATABASE_RUN_ROLE of each only, or DATABASE_URL if one role owns and runs. Waits up to a minute for each database
 * that cannot be reached. Exits with 1 if it stays so or a migration fails.
 */
export async function runMigrations(name: string, migrations: readonly Migration[]): Promise<void> {
  try {
    for (const migration of migrations) await runMigration(migration);
    process.exit(0);
  } catch (err) {
    createLogger({ service: name }).fatal({ err, service: name }, "schema migration failed");
    process.exit(1);
  }
}

async function runMigration({ definition, environment }: Migration): Promise<void> {
  const log = createLogger({ service: definition.name });
  const { databaseUrl } = serviceSettings;
  const owned = readConfig(databaseSettings, environment);
  const access = owned.databaseOwnerUrl ? owned : readConfig({ ...databaseSettings, databaseUrl }, environment);
  const run = () => prepareDatabase(definition, access, log);
  const { applied } = await onceAvailable(run, { withinMs: DATABASE_WITHIN_MS, log });
  log.info({ applied }, "schema up to date");
}
