import { readConfig, type Settings } from "@kontor/config";
import { createLogger } from "@kontor/telemetry";
import type { ServiceDefinition } from "./define-service.ts";
import { onceAvailable } from "./once-available.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { databaseSettings, serviceSettings } from "./service-settings.ts";

const DATABASE_WITHIN_MS = 60_000;

/**
 * Brings the service's schema up to date and exits with 0, for an init container. Needs DATABASE_OWNER_URL and
 * DATABASE_RUN_ROLE only, or DATABASE_URL if one role owns and runs. Waits up to a minute for a database that cannot be reached.
 * Exits with 1 if it stays so or a migration fails.
 */
export async function runMigrations<S extends Settings>(definition: ServiceDefinition<S>): Promise<void> {
  const { name } = definition;
  const log = createLogger({ service: name });
  try {
    const { databaseUrl } = serviceSettings;
    const owned = readConfig(databaseSettings, process.env);
    const access = owned.databaseOwnerUrl ? owned : readConfig({ ...databaseSettings, databaseUrl }, process.env);
    const run = () => prepareDatabase(definition, access, log);
    const { applied } = await onceAvailable(run, { withinMs: DATABASE_WITHIN_MS, log });
    log.info({ applied }, "schema up to date");
    process.exit(0);
  } catch (err) {
    log.fatal({ err, service: name }, "schema migration failed");
    process.exit(1);
  }
}
