import { launchTestPostgres, SERVER_URL } from "./postgres.ts";

/** Vitest's global setup: one PostgreSQL server for all workers of a run. */
export async function setup(): Promise<() => Promise<void>> {
  const server = await launchTestPostgres();
  process.env[SERVER_URL] = server.url;
  return () => server.stop();
}
