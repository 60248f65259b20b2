import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { launchPostgres } from "./postgres-server.ts";

describe("a PostgreSQL server", () => {
  it("is not started over the data of another major version", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kontor-other-major-"));
    await chmod(folder, 0o755); // The user postgres reads it.
    const dataDir = join(folder, "data");
    await mkdir(dataDir);
    await writeFile(join(dataDir, "PG_VERSION"), "17\n");
    await expect(launchPostgres({ dataDir })).rejects.toThrow(
      /is of PostgreSQL 17, and PostgreSQL 18\.\S+ cannot read it/,
    );
    await rm(folder, { recursive: true });
  });
});
