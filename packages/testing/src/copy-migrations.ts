import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./temporary-folder.ts";

/** Returns a new folder with the migrations of `folders` whose names sort before `before`, as an earlier version has them. Default: all. */
export async function copyMigrations(folders: readonly URL[], { before = "~" } = {}): Promise<string> {
  const copies = await temporaryFolder("migrations");
  for (const folder of folders.map((url) => fileURLToPath(url)))
    for (const name of (await readdir(folder)).filter((each) => each < before))
      await cp(join(folder, name), join(copies, name), { recursive: true });
  return copies;
}
