import { rm } from "node:fs/promises";
import { launchTestPostgres, SERVER_URL } from "./postgres.ts";
import { SHARED_FOLDER, temporaryFolder } from "./temporary-folder.ts";

/** Starts one PostgreSQL server and creates one folder for all workers of a run, as Vitest's global setup. */
export async function setup(): Promise<() => Promise<void>> {
  const [server, folder] = await Promise.all([launchTestPostgres(), temporaryFolder("shared")]);
  process.env[SERVER_URL] = server.url;
  process.env[SHARED_FOLDER] = folder;
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
