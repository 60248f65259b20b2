import { prune } from "@kontor/postgres";
import { createLogger } from "@kontor/telemetry";
import { rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sagaRetention } from "../src/index.ts";
import { type Environment, openEnvironment, recordingRemote } from "./environment.ts";
import { abcd } from "./sample-saga.ts";

const name = "test.abcd.v1";
const DAY_MS = 86_400_000;

let env: Environment;
beforeAll(async () => {
  env = await openEnvironment();
});
afterAll(() => env.close());
beforeEach(() => env.db.query("DELETE FROM sagas"));

const insert = (id: string, columns: Readonly<Record<string, string>>) =>
  env.db.query(
    `INSERT INTO sagas (name, id, state, ${Object.keys(columns).join(", ")})
     VALUES ('${name}', '${id}', '{}', ${Object.values(columns).join(", ")})`,
  );

describe("the backlog of a saga", () => {
  const idle = async () => {
    const engine = env.engine([abcd()], recordingRemote());
    await engine.stop();
    return engine;
  };

  it("counts due sagas that no running engine has claimed", async () => {
    const engine = await idle();
    expect(await engine.backlog(name)).toEqual({ waiting: 0, oldestMs: 0, endedPerSecond: 0 });
    await insert("waits", { wake_at: "now() - interval '7 s'" });
    await insert("compensates", { phase: "'compensating'", wake_at: "now() - interval '2 s'" });
    await insert("crashed", { wake_at: "now() - interval '1 s'", lease_until: "now() - interval '1 s'" });
    await insert("held", { wake_at: "now() - interval '60 s'", lease_until: "now() + interval '60 s'" });
    await insert("asleep", { wake_at: "now() + interval '60 s'" });
    await insert("parked", { phase: "'parked'", wake_at: "now() - interval '60 s'" });
    const { waiting, oldestMs } = await engine.backlog(name);
    expect(waiting).toBe(3);
    expect(oldestMs).toBeGreaterThanOrEqual(7_000);
    expect(oldestMs).toBeLessThan(60_000);
  });

  it("returns the rate at which sagas ended over five seconds", async () => {
    const engine = await idle();
    for (const id of ["1", "2", "3"]) await insert(id, { phase: "'completed'" });
    await insert("4", { phase: "'compensated'" });
    await insert("earlier", { phase: "'completed'", updated_at: "now() - interval '6 s'" });
    expect((await engine.backlog(name)).endedPerSecond).toBeCloseTo(0.8);
  });
});

describe("the retention of sagas", () => {
  it("removes ended ones with their log and keeps all others", async () => {
    const old = { updated_at: "now() - interval '31 d'", created_at: "now() - interval '31 d'" };
    await insert("completed", { ...old, phase: "'completed'" });
    await insert("compensated", { ...old, phase: "'compensated'" });
    await insert("running", { ...old, wake_at: "now() + interval '1 h'" });
    await insert("parked", { ...old, phase: "'parked'" });
    await insert("young", { phase: "'completed'" });
    await env.db.query(
      `INSERT INTO saga_log (name, id, step, action, outcome, at)
       SELECT '${name}', id, 'a', 'run', 'done', now() - interval '31 d' FROM sagas`,
    );
    const log = createLogger({ service: "saga-test", level: "silent" });
    const { finished } = await prune({ db: env.db, rules: sagaRetention({ keepMs: 30 * DAY_MS }), log });
    const ids = async (table: string) =>
      (await rowsOf<{ id: string }>(env.db, `SELECT id FROM ${table} ORDER BY id`)).map(({ id }) => id);
    expect(finished).toBe(true);
    expect(await ids("sagas")).toEqual(["parked", "running", "young"]);
    expect(await ids("saga_log")).toEqual(["parked", "running", "young"]);
  });
});
