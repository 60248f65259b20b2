import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Names the folder that the global setup creates for all workers of a run. */
export const SHARED_FOLDER = "KONTOR_TEST_FOLDER";

/** Creates a folder that other users may traverse, as the user `postgres` must. */
export async function temporaryFolder(purpose: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `kontor-${purpose}-`));
  await chmod(folder, 0o755);
  return folder;
}
