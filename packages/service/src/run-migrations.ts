import { setTimeout as delay } from "node:timers/promises";
import { readConfig, type Settings } from "@kontor/config";
import { isTransient } from "@kontor/errors";
import { migrate } from "@kontor/postgres";
import { createLogger } from "@kontor/telemetry";
import type { ServiceDefinition } from "./define-service.ts";
import { serviceSettings } from "./service-settings.ts";

const DATABASE_WITHIN_MS = 60_000;
const PAUSE_MS = 500;

/**
 * Brings the service's schema up to date and exits with 0, for an init container. Needs DATABASE_URL only. A database that
 * is not there yet is waited for, a minute at most. Exits with 1 if it does not come or a migration fails.
 */
export async function runMigrations<S extends Settings>({ name, migrations }: ServiceDefinition<S>): Promise<void> {
  const log = createLogger({ service: name });
  try {
    const { databaseUrl } = readConfig({ databaseUrl: serviceSettings.databaseUrl }, process.env);
    const run = () => migrate({ url: databaseUrl, folder: migrations, log });
    const { applied } = await onceTheDatabaseAnswers(run, DATABASE_WITHIN_MS);
    log.info({ applied }, "The schema is up to date.");
    process.exit(0);
  } catch (err) {
    log.fatal({ err }, `The schema of ${name} could not be brought up to date.`);
    process.exit(1);
  }
}

/** Tries again while the database is not there, for `withinMs` at most. */
export async function onceTheDatabaseAnswers<T>(work: () => Promise<T>, withinMs: number): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || performance.now() > deadline) throw error;
      await delay(PAUSE_MS);
    }
  }
}
