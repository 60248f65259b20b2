import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, type TestDatabase } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noPgBouncer, startPgBouncer } from "../test/pgbouncer.ts";
import { migrate, openDatabase } from "./index.ts";

const log = { info: () => undefined };
let test: TestDatabase;
let folder: string;

beforeAll(async () => {
  test = await (await startPostgres()).createDatabase("pooled", { owner: true });
  folder = await mkdtemp(join(tmpdir(), "kontor-pooled-"));
  await mkdir(join(folder, "1_first"));
  await writeFile(join(folder, "1_first", "migration.sql"), "CREATE TABLE a (n int)");
});
afterAll(async () => {
  await test.drop();
  await rm(folder, { recursive: true });
});

async function through(settings: Record<string, string>, work: (url: string) => Promise<void>) {
  const pooler = await startPgBouncer(test.url, settings);
  await work(pooler.url).finally(() => pooler.stop());
}

describe.skipIf(noPgBouncer)(`a database behind PgBouncer${noPgBouncer ? ` (skipped: ${noPgBouncer})` : ""}`, () => {
  it("is migrated and used with the pooler's defaults, locks and prepared statements included", () =>
    through({}, async (url) => {
      await migrate({ url, folders: [folder], log });
      const [one, other] = [1, 2].map((number) => openDatabase({ url, service: `pooled-${number}` }));
      if (!one || !other) throw new Error("two databases");
      for (let round = 0; round < 3; round++) {
        expect(await one.query("SELECT 1 AS n", [], { name: "one.n" })).toEqual([{ n: 1 }]);
        expect(await other.query("SELECT 1 AS n", [], { name: "one.n" })).toEqual([{ n: 1 }]);
      }
      expect(await one.query("SHOW statement_timeout")).toEqual([{ statement_timeout: "10s" }]);
      const lease = await one.lock("relay");
      expect(lease).toBeDefined();
      expect(await other.lock("relay")).toBeUndefined();
      await Promise.all([one.close(), other.close()]);
    }));

  it.each(["transaction", "statement"])("is refused by name in %s mode", (mode) =>
    through({ pool_mode: mode }, async (url) => {
      await expect(migrate({ url, folders: [folder], log })).rejects.toMatchObject({
        reason: "SESSIONS_SHARED",
        code: "FAILED_PRECONDITION",
        message: expect.stringContaining("Set pool_mode = session"),
      });
    }),
  );

  it("is refused in transaction mode also while others use the pool", () =>
    through({ pool_mode: "transaction", server_round_robin: "1" }, async (url) => {
      const busy = openDatabase({ url, service: "busy" });
      const stop = new AbortController();
      const load = Array.from({ length: 4 }, async () => {
        while (!stop.signal.aborted) await busy.query("SELECT 1");
      });
      await expect(migrate({ url, folders: [folder], log })).rejects.toMatchObject({ reason: "SESSIONS_SHARED" });
      stop.abort();
      await Promise.all(load);
      await busy.close();
    }));
});

describe("a database that refuses connections", () => {
  it("is reported with the cause", async () => {
    await expect(migrate({ url: "postgres://a@127.0.0.1:1/none", folders: [folder], log })).rejects.toThrow(
      "The database is unreachable. connect ECONNREFUSED 127.0.0.1:1.",
    );
  });
});
