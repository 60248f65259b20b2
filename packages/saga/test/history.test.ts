import { type Database, migrate, openDatabase, prune, userOf } from "@kontor/postgres";
import { createLogger } from "@kontor/telemetry";
import { rowsOf, startPostgres, type TestDatabase } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sagaRetention, sagaTables } from "../src/index.ts";

const DAY_MS = 86_400_000;
const log = createLogger({ service: "saga-test", level: "silent" });
let test: TestDatabase;
let owner: Database;
let running: Database;

beforeAll(async () => {
  test = await (await startPostgres()).createDatabase("saga_history", { owner: true });
  owner = openDatabase({ url: test.url, service: "owner" });
  running = openDatabase({ url: test.runUrl, service: "running" });
  await migrate({ url: test.url, folders: [sagaTables], log });
  await owner.query(
    `GRANT CONNECT ON DATABASE "${test.name}" TO "${userOf(test.runUrl)}";
     GRANT SELECT, INSERT, UPDATE, DELETE ON sagas TO "${userOf(test.runUrl)}";
     GRANT SELECT, INSERT ON saga_log TO "${userOf(test.runUrl)}"`,
  );
  await owner.query(
    `INSERT INTO sagas (name, id, state, phase, updated_at) VALUES
       ('s', 'ended', '{}', 'completed', now() - interval '40 days'), ('s', 'open', '{}', 'parked', now() - interval '40 days')`,
  );
  await owner.query(
    `INSERT INTO saga_log (name, id, step, action, outcome, at)
     SELECT 's', id, 'one', 'run', 'done', now() - interval '40 days' FROM unnest(ARRAY['ended', 'open', 'gone']) id
     UNION ALL SELECT 's', 'gone', 'two', 'run', 'done', now()`,
  );
});
afterAll(async () => {
  await Promise.all([owner.close(), running.close()]);
  await test.drop();
});

const left = async () =>
  (await rowsOf<{ entry: string }>(owner, "SELECT id || ' ' || step AS entry FROM saga_log ORDER BY 1")).map(
    ({ entry }) => entry,
  );

describe("the log of sagas, for the role that runs", () => {
  it("cannot be deleted by a statement", async () => {
    await expect(running.query("DELETE FROM saga_log")).rejects.toThrow("permission denied for table saga_log");
  });

  it("cannot be removed by retention while it is younger than a day", async () => {
    const { finished } = await prune({ db: running, rules: sagaRetention({ keepMs: 1 }).slice(0, 1), log });
    expect(finished).toBe(false);
    expect(await left()).toHaveLength(4);
  });

  it("is removed by retention where it is older and its saga has ended", async () => {
    const { removed } = await prune({ db: running, rules: sagaRetention({ keepMs: 30 * DAY_MS }), log });
    expect(removed).toEqual({ saga_log: 2, sagas: 1 });
    expect(await left()).toEqual(["gone two", "open one"]);
  });
});
