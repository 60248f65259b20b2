import { rm } from "node:fs/promises";
import { migrate, openDatabase } from "@kontor/postgres";
import { createLogger, registry } from "@kontor/telemetry";
import { copyMigrations, eventually, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSagaEngine, defineSaga, type Outcome, type Saga, sagaTables, wait } from "../src/index.ts";
import { type Environment, openEnvironment, type Remote, recordingRemote } from "./environment.ts";
import { aStep, type State } from "./sample-saga.ts";

const NAME = "test.versioned";
/** The first version has the steps a, b and c; the second inserts x before b, which moves the pivot. */
const first = defineSaga<State, Remote>({ name: NAME, pivot: "b", steps: [aStep("a"), aStep("b"), aStep("c")] });
const second = defineSaga<State, Remote>({
  ...{ name: NAME, version: 2, pivot: "b" },
  steps: [aStep("a"), aStep("x"), aStep("b"), aStep("c")],
});
const stepsOf = (saga: Saga<Remote>) => saga.steps.map(({ name }) => `run ${name} done`);

let env: Environment;
let remote: Remote;
beforeAll(async () => {
  env = await openEnvironment();
});
afterAll(() => env.close());
beforeEach(async () => {
  remote = recordingRemote();
  await env.db.query("DELETE FROM sagas");
});

const ends = (id: string, phase: string) => eventually(async () => expect(await env.row(id)).toMatchObject({ phase }));
const done = async (id: string) => (await env.history(id)).filter((line) => line.endsWith(" done"));
const forever = (): Outcome<State> => wait({ until: 3_600_000, reason: "TEST" });

describe("a saga whose definition gets a new version", () => {
  it("finishes on the version that it began with, next to sagas of the new version", async () => {
    remote.on["run b"] = forever;
    const before = env.engine([first], remote);
    for (const n of [1, 2, 3]) await env.begin(before, NAME, `old-${n}`);
    await eventually(async () => {
      for (const n of [1, 2, 3]) expect(await env.row(`old-${n}`)).toMatchObject({ step: 1, held: false });
    });
    await before.stop();

    remote.on = {};
    const after = env.engine([first, second], remote);
    for (const n of [1, 2, 3]) await env.begin(after, NAME, `new-${n}`);
    await env.db.transaction(async (tx) => {
      for (const n of [1, 2, 3]) await after.wake(tx, NAME, `old-${n}`, "b");
    });
    for (const n of [1, 2, 3]) {
      await ends(`old-${n}`, "completed");
      await ends(`new-${n}`, "completed");
      expect(await done(`old-${n}`)).toEqual(stepsOf(first));
      expect(await done(`new-${n}`)).toEqual(stepsOf(second));
    }
    await after.stop();
  });

  it("is undone by the version that it began with", async () => {
    remote.on["run b"] = () => ({ kind: "fail", reason: "REFUSED", message: "No." });
    const before = env.engine([first], recordingRemoteThatWaitsAt("b"));
    await env.begin(before, NAME, "undone");
    await eventually(async () => expect(await env.row("undone")).toMatchObject({ step: 1, held: false }));
    await before.stop();
    const after = env.engine([second, first], remote);
    await env.db.transaction((tx) => after.wake(tx, NAME, "undone"));
    await ends("undone", "compensated");
    expect(remote.calls).toEqual(["run b", "undo b", "undo a"]);
    await after.stop();
  });
});

describe("pods of two releases side by side", () => {
  it("each run the sagas of the versions that they have, and all end", async () => {
    const [old, young] = [recordingRemote(), recordingRemote()];
    const before = env.engine([first], old, { concurrency: 4 });
    const after = env.engine([first, second], young, { concurrency: 4 });
    const ids = Array.from({ length: 40 }, (_, n) => n);
    await Promise.all(
      ids.flatMap((n) => [env.begin(before, NAME, `before-${n}`), env.begin(after, NAME, `after-${n}`)]),
    );
    await eventually(async () => {
      const open = await env.db.query("SELECT FROM sagas WHERE phase <> 'completed'");
      expect(open).toHaveLength(0);
    });
    for (const n of ids) {
      expect(await done(`before-${n}`)).toEqual(stepsOf(first));
      expect(await done(`after-${n}`)).toEqual(stepsOf(second));
    }
    expect(old.calls).not.toContain("run x");
    await Promise.all([before.stop(), after.stop()]);
  });

  it("abort by the pivot of the saga's version, also where the release does not have it", async () => {
    const before = env.engine([first], remote);
    const after = env.engine([first, second], recordingRemoteThatWaitsAt("x", "c"));
    await env.begin(after, NAME, "early");
    await eventually(async () => expect(await env.row("early")).toMatchObject({ step: 1, held: false }));
    // Step 1 is the pivot of version 1, but not of version 2.
    expect(await env.db.transaction((tx) => before.requestAbort(tx, NAME, "early", "CHANGED"))).toBe(true);
    await ends("early", "compensated");
    await Promise.all([before.stop(), after.stop()]);
  });

  it("wake a saga of a version that only the other has", async () => {
    const late = recordingRemoteThatWaitsAt("x");
    const before = env.engine([first], remote);
    const after = env.engine([first, second], late);
    await env.begin(after, NAME, "woken");
    await eventually(async () => expect(await env.row("woken")).toMatchObject({ step: 1, held: false }));
    late.on = {};
    await env.db.transaction((tx) => before.wake(tx, NAME, "woken", "x-or-any"));
    await ends("woken", "completed");
    await Promise.all([before.stop(), after.stop()]);
  });
});

describe("sagas of a version that no running release has", () => {
  const waiting = (known: boolean) =>
    new RegExp(`^kontor_sagas_by_definition\\{saga="${NAME}",version="2",known="${known}"\\} (\\d+)$`, "m");
  const shown = async (known: boolean) => Number((await registry.metrics()).match(waiting(known))?.[1]);

  it("are shown at the start, parked after the grace time with a reason, and continue when a release has the version", async () => {
    const late = recordingRemoteThatWaitsAt("x");
    const newer = env.engine([first, second], late);
    await env.begin(newer, NAME, "rolled-back");
    await env.begin(newer, NAME, "asleep");
    await eventually(async () => {
      for (const id of ["rolled-back", "asleep"])
        expect(await env.row(id)).toMatchObject({ step: 1, held: false, phase: "running" });
    });
    await newer.stop();
    await env.db.query("UPDATE sagas SET wake_at = now() WHERE id = 'rolled-back'");

    const older = env.engine([first], remote, { watchMs: 20, definitionGraceMs: 100 });
    await eventually(async () => expect(await shown(false)).toBe(2));
    await ends("rolled-back", "parked");
    expect(await env.row("asleep")).toMatchObject({ phase: "running" });
    expect(await older.parked()).toMatchObject([
      {
        name: NAME,
        version: 2,
        id: "rolled-back",
        step: "1",
        action: "run",
        error: expect.stringContaining("version 2"),
      },
    ]);
    expect((await env.history("rolled-back")).at(-1)).toBe("run 1 parked");
    expect(remote.calls).toEqual([]);
    await older.stop();

    const again = env.engine([first, second], recordingRemote(), { watchMs: 20 });
    await ends("rolled-back", "completed");
    await env.db.transaction((tx) => again.wake(tx, NAME, "asleep"));
    await ends("asleep", "completed");
    await eventually(async () => expect(await shown(true)).toBe(0));
    await again.stop();
  });

  it("are left alone during the grace time: pods of the other release may run them", async () => {
    await env.db.query(
      `INSERT INTO sagas (name, id, state, definition_version, wake_at) VALUES ('${NAME}', 'other', '{}', 2, now() - interval '1 h')`,
    );
    const older = env.engine([first], remote, { watchMs: 20 });
    await env.begin(older, NAME, "mine");
    await ends("mine", "completed");
    await eventually(async () => expect(await shown(false)).toBe(1));
    expect(await env.row("other")).toMatchObject({ phase: "running", held: false });
    await older.stop();
  });

  it("can be ended by an operator", async () => {
    await env.db.query(
      `INSERT INTO sagas (name, id, state, phase, resume_phase, definition_version) VALUES ('${NAME}', 'ended', '{}', 'parked', 'running', 9)`,
    );
    const older = env.engine([first], remote);
    const failure = { reason: "ENDED", message: "Ended." };
    expect(await env.db.transaction((tx) => older.end(tx, NAME, "ended", failure))).toBe(true);
    expect(await env.row("ended")).toMatchObject({ phase: "compensated" });
    await older.stop();
  });
});

it("sagas of the previous release finish after the migration, and its pods begin sagas of version 1", async () => {
  const log = { info: () => undefined };
  const postgres = await startPostgres();
  const { url } = await postgres.createDatabase("saga-versions", { owner: true });
  const folder = await copyMigrations([sagaTables], { before: "20261130000900" });
  await migrate({ url, folders: [folder], log });
  const db = openDatabase({ url, service: "saga-test" });
  // The statement of the release before.
  const begin = (id: string) => db.query("INSERT INTO sagas (name, id, state) VALUES ($1, $2, '{}')", [NAME, id]);
  await begin("before");
  await migrate({ url, folders: [sagaTables], log });
  await begin("during");
  const waiting = recordingRemoteThatWaitsAt("a");
  const engine = createSagaEngine({
    ...{ db, log: createLogger({ service: "saga-test", level: "silent" }), pollMs: 20 },
    ...{ sagas: [first, second], services: waiting },
  });
  engine.start();
  const phase = async (id: string) => (await db.query("SELECT phase, step FROM sagas WHERE id = $1", [id]))[0];
  await eventually(() => expect(waiting.calls).toEqual(["run a", "run a"]));
  expect(await db.transaction((tx) => engine.requestAbort(tx, NAME, "during", "CHANGED"))).toBe(true);
  waiting.on = {};
  await db.transaction((tx) => engine.wake(tx, NAME, "before", "a"));
  await eventually(async () => {
    expect(await phase("before")).toEqual({ phase: "completed", step: 2 });
    expect(await phase("during")).toMatchObject({ phase: "compensated" });
  });
  await engine.stop();
  await Promise.all([db.close(), rm(folder, { recursive: true })]);
  await postgres.stop();
});

function recordingRemoteThatWaitsAt(...steps: string[]): Remote {
  const waiting = recordingRemote();
  for (const step of steps) waiting.on[`run ${step}`] = forever;
  return waiting;
}
