import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryFolder } from "./temporary-folder.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const buf = join(root, "node_modules/.bin/buf");

/**
 * Builds contracts of a test from their sources by path, which may import all that is in `proto/`. Returns a FileDescriptorSet with all
 * imports, as another company would give it to the gateway.
 *
 * ```ts
 * const descriptors = await buildContract({ "acme/v1/thing.proto": `syntax = "proto3"; package acme.v1; message Thing {}` });
 * ```
 *
 * @throws Error with the output of buf if a source is wrong
 */
export async function buildContract(sources: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const folder = await temporaryFolder("contract");
  try {
    await cp(join(root, "proto"), folder, { recursive: true });
    const files = Object.entries(sources).map(([path, source]) => ({ file: join(folder, path), source }));
    for (const { file, source } of files) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, source);
    }
    const image = join(folder, "contract.binpb");
    const paths = files.flatMap(({ file }) => ["--path", file]);
    await promisify(execFile)(buf, ["build", folder, ...paths, "--output", image], { cwd: root });
    return await readFile(image);
  } finally {
    await rm(folder, { recursive: true });
  }
}
