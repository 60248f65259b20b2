import { launchTestPostgres, SERVER_URL } from "./postgres.ts";

/** Starts one PostgreSQL server for all workers of a run, as Vitest's global setup. */
export async function setup(): Promise<() => Promise<void>> {
  const server = await launchTestPostgres();
  process.env[SERVER_URL] = server.url;
  return () => server.stop();
}
