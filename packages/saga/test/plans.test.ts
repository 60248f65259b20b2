import { subscribe } from "node:diagnostics_channel";
import { type DefinedStatement, migrate, openDatabase, STATEMENT_CHANNEL } from "@kontor/postgres";
import { startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("saga_plans", { owner: true });
const db = openDatabase({ url, service: "test" });

/** The texts of the statements by name: each is published when its module is loaded. */
const texts = new Map<string, string>();
subscribe(STATEMENT_CHANNEL, (message) => {
  const { name, samples } = message as DefinedStatement;
  texts.set(name, samples[0]?.text ?? "");
});

beforeAll(async () => {
  const { sagaTables } = await import("../src/index.ts");
  await migrate({ url, folders: [sagaTables], log: { info: () => undefined } });
  await db.query(`INSERT INTO sagas (name, id, state, phase, wake_at)
    SELECT 'orders.checkout', 's-' || n, '{}', CASE WHEN n % 100 = 0 THEN 'running' ELSE 'completed' END, now() + n * interval '1 s'
    FROM generate_series(1, 100000) n`);
  await db.query("ANALYZE sagas");
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

// From the sixth execution on a prepared statement has this plan, for any length of its arrays.
describe("the generic plan, with 100,000 sagas, of", () => {
  it.each(["saga.transitions", "saga.transition", "saga.begin", "saga.wake", "saga.claim-due", "saga.claim-hinted"])(
    "%s reads the sagas by an index",
    async (name) => {
      const rows = await db.query(`EXPLAIN (GENERIC_PLAN) ${texts.get(name)}`);
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
      expect(plan).toContain("on sagas");
      expect(plan).not.toContain("Seq Scan on sagas");
    },
  );
});
