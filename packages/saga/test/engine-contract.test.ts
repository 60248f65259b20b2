import { KontorError } from "@kontor/errors";
import type { Database, Tx } from "@kontor/postgres";
import { createTestClock, eventually } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { defineSaga, fail, next, type Saga, type SagaEngine, type SagaPhase, type Step, wait } from "../src/index.ts";
import { openEnvironment, type Remote, recordingRemote } from "./environment.ts";
import { createMemoryEngine } from "./memory-engine.ts";

/** An engine that runs a saga, and its environment in tests. */
interface Bench {
  readonly engine: SagaEngine;
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** Resolves when the saga is in the phase. */
  readonly reaches: (id: string, phase: SagaPhase) => Promise<void>;
  /** Resolves when the condition holds while sagas run. */
  readonly until: (condition: () => void) => Promise<void>;
}

const NAME = "test.contract.v1";
const settings = {
  retry: { baseMs: 1, capMs: 5 },
  undoRetry: { baseMs: 1, capMs: 5 },
  maxRunAttempts: 3,
  maxUndoAttempts: 3,
};
const error = (code: "INTERNAL" | "UNAVAILABLE" | "FAILED_PRECONDITION") =>
  new KontorError({ code, reason: "NO", domain: "test", message: "No." });

const env = await openEnvironment();
afterAll(() => env.close());

function onPostgres(saga: Saga<Remote>, remote: Remote): Bench {
  const engine = env.engine([saga], remote, settings);
  return {
    engine,
    transaction: (work) => env.db.transaction(work),
    reaches: (id, phase) => eventually(async () => expect(await env.row(id)).toMatchObject({ phase })),
    until: (condition) => eventually(condition),
  };
}

function inMemory(saga: Saga<Remote>, remote: Remote): Bench {
  const db = createMemoryDatabase();
  const engine = createMemoryEngine({ db, sagas: [saga], services: remote, clock: createTestClock(), ...settings });
  return {
    engine,
    transaction: (work) => db.transaction(work as Parameters<Database["transaction"]>[0]) as never,
    async reaches(id, phase) {
      await engine.run(1_000);
      expect(engine.phaseOf(NAME, id)).toBe(phase);
    },
    async until(condition) {
      await engine.run();
      condition();
    },
  };
}

describe.each([
  ["on PostgreSQL", onPostgres],
  ["in memory", inMemory],
])("an engine %s", (place, open) => {
  let remote: Remote;
  let facts: string[];
  let count = 0;
  let id: string;
  beforeEach(() => {
    remote = recordingRemote();
    facts = [];
    count += 1;
    id = `${place}-${count}`;
  });

  const note = (tx: Tx, fact: string) => tx.afterCommit(() => void facts.push(fact));
  function step(name: string, more: Partial<Step<object, Remote>> = {}): Step<object, Remote> {
    return {
      name,
      run: async (_state, to) => (await to.call(`run ${name}`)) as ReturnType<typeof next>,
      undo: (_state, to) => to.call(`undo ${name}`),
      record: async (tx, state) => note(tx, `${name} ${JSON.stringify(state)}`),
      ...more,
    };
  }
  const abc = (more: { deadlineMs?: number } = {}) =>
    defineSaga<object, Remote>({
      name: NAME,
      pivot: "b",
      ...more,
      steps: [step("a"), step("b"), step("c")],
      onCompleted: async (tx) => note(tx, "completed"),
      onCompensated: async (tx, _state, { reason, step: at }) => note(tx, `compensated ${reason} ${at}`),
    });
  const begin = ({ engine, transaction }: Bench, state = {}) => transaction((tx) => engine.begin(tx, NAME, id, state));

  it("runs the steps in order, and records each with its completion", async () => {
    remote.on["run a"] = () => next({ paid: true });
    const bench = open(abc(), remote);
    expect(await begin(bench)).toBe(true);
    await bench.reaches(id, "completed");
    expect(await begin(bench)).toBe(false);
    expect(remote.calls).toEqual(["run a", "run b", "run c"]);
    const state = '{"paid":true}';
    expect(facts).toEqual([`a ${state}`, `b ${state}`, `c ${state}`, "completed"]);
    await bench.engine.stop();
  });

  it("begins nothing in a transaction that fails", async () => {
    const bench = open(abc(), remote);
    const failed = bench.transaction(async (tx) => {
      await bench.engine.begin(tx, NAME, id, {});
      throw new Error("rolled back");
    });
    await expect(failed).rejects.toThrow("rolled back");
    const aborted = bench.transaction((tx) => bench.engine.requestAbort(tx, NAME, id, "CHANGED_MIND"));
    await expect(aborted).rejects.toMatchObject({ reason: "SAGA_NOT_FOUND" });
    await bench.engine.stop();
  });

  it.each([
    ["a", ["undo a"]],
    ["b", ["undo b", "undo a"]],
  ])("undoes the begun steps in reverse when %s refuses", async (refusing, undone) => {
    remote.on[`run ${refusing}`] = () => fail("REFUSED", "No.");
    const bench = open(abc(), remote);
    await begin(bench);
    await bench.reaches(id, "compensated");
    expect(remote.calls.filter((call) => call.startsWith("undo"))).toEqual(undone);
    expect(facts.at(-1)).toBe(`compensated REFUSED ${refusing}`);
    await bench.engine.stop();
  });

  it("compensates after a definite error, and retries any other", async () => {
    remote.on["run a"] = (nth) => (nth === 1 ? Promise.reject(error("UNAVAILABLE")) : undefined);
    remote.on["run b"] = (nth) => Promise.reject(error(nth === 1 ? "UNAVAILABLE" : "FAILED_PRECONDITION"));
    const bench = open(abc(), remote);
    await begin(bench);
    await bench.reaches(id, "parked"); // At the pivot its outcome may be unknown, so only a refusal by `fail` compensates.
    expect(remote.calls).toEqual(["run a", "run a", "run b", "run b"]);
    expect(await bench.engine.parked()).toContainEqual(expect.objectContaining({ id, step: "b", action: "run" }));
    await bench.engine.stop();
  });

  it("parks a step that fails too often, and continues it when it is resumed", async () => {
    let broken = true;
    remote.on["run c"] = () => (broken ? Promise.reject(error("INTERNAL")) : undefined);
    const bench = open(abc(), remote);
    await begin(bench);
    await bench.reaches(id, "parked");
    expect(remote.calls.filter((call) => call === "run c")).toHaveLength(3);
    broken = false;
    expect(await bench.engine.resume(id, "another")).toBe(false);
    expect(await bench.engine.resume(id, NAME)).toBe(true);
    await bench.reaches(id, "completed");
    expect(await bench.engine.resume(id)).toBe(false);
    await bench.engine.stop();
  });

  it("parks an undo that fails too often, and undoes the rest when it is resumed", async () => {
    let broken = true;
    remote.on["run b"] = () => fail("REFUSED", "No.");
    remote.on["undo b"] = () => (broken ? Promise.reject(error("INTERNAL")) : undefined);
    const bench = open(abc(), remote);
    await begin(bench);
    await bench.reaches(id, "parked");
    broken = false;
    const parked = (await bench.engine.parked()).find((saga) => saga.id === id);
    expect(parked).toMatchObject({ step: "b", action: "undo", failure: { reason: "REFUSED" } });
    await bench.engine.resume(id);
    await bench.reaches(id, "compensated");
    expect(remote.calls.filter((call) => call.startsWith("undo"))).toEqual([
      "undo b",
      "undo b",
      "undo b",
      "undo b",
      "undo a",
    ]);
    await bench.engine.stop();
  });

  it("ends a parked saga without undoing anything", async () => {
    remote.on["run c"] = () => Promise.reject(error("FAILED_PRECONDITION"));
    const bench = open(abc(), remote);
    await begin(bench);
    await bench.reaches(id, "parked");
    const end = () =>
      bench.transaction((tx) => bench.engine.end(tx, NAME, id, { reason: "ENDED", message: "By hand." }));
    expect([await end(), await end()]).toEqual([true, false]);
    await bench.reaches(id, "compensated");
    expect(remote.calls.some((call) => call.startsWith("undo"))).toBe(false);
    expect(facts).not.toContain("compensated ENDED c");
    await bench.engine.stop();
  });

  it("compensates on request before the pivot, and not after it", async () => {
    remote.on["run a"] = () => wait({ until: 60_000, reason: "GATE" });
    const bench = open(abc(), remote);
    const abort = () => bench.transaction((tx) => bench.engine.requestAbort(tx, NAME, id, "CHANGED_MIND"));
    await begin(bench);
    await bench.until(() => expect(remote.calls).toEqual(["run a"]));
    expect(await abort()).toBe(true);
    await bench.reaches(id, "compensated");
    expect(facts).toEqual(["compensated CHANGED_MIND a"]);
    expect(await abort()).toBe(true);

    id = `${id}-completed`;
    remote.on["run a"] = () => undefined;
    await begin(bench);
    await bench.reaches(id, "completed");
    expect(await abort()).toBe(false);
    await bench.engine.stop();
  });

  it("waits until it is woken at its step, or until the time is up", async () => {
    const expired: boolean[] = [];
    const waiting = defineSaga<object, Remote>({
      name: NAME,
      steps: [
        {
          name: "a",
          run: async (_state, to, { attempt, waitExpired }) => {
            await to.call("run a");
            if (remote.calls.length > 1) expired.push(waitExpired);
            expect(attempt).toBe(1);
            return remote.calls.length === 1 ? wait({ until: 60_000, reason: "GATE" }) : next();
          },
        },
        {
          name: "b",
          run: async (_state, to, { waitExpired }) => {
            await to.call("run b");
            if (waitExpired) expired.push(waitExpired);
            return waitExpired ? next() : wait({ until: 20, reason: "SOON" });
          },
        },
      ],
    });
    const bench = open(waiting, remote);
    const wake = (at?: string) => bench.transaction((tx) => bench.engine.wake(tx, NAME, id, at));
    await begin(bench);
    await bench.until(() => expect(remote.calls).toEqual(["run a"]));
    await wake("b");
    await wake("a");
    await bench.reaches(id, "completed");
    expect(remote.calls).toEqual(["run a", "run a", "run b", "run b"]);
    expect(expired).toEqual([false, true]);
    await bench.engine.stop();
  });

  it("compensates at its deadline, in any wait", async () => {
    remote.on["run a"] = () => wait({ until: 60_000, reason: "GATE" });
    const bench = open(abc({ deadlineMs: 50 }), remote);
    await begin(bench);
    await bench.reaches(id, "compensated");
    expect(remote.calls).toEqual(["run a", "undo a"]);
    expect(facts).toEqual(["compensated DEADLINE_EXCEEDED a"]);
    await bench.engine.stop();
  });

  it("reports how many sagas are due", async () => {
    const bench = open(abc(), remote);
    await begin(bench);
    await bench.reaches(id, "completed");
    expect(await bench.engine.backlog(NAME)).toMatchObject({ waiting: 0, oldestMs: 0 });
    await bench.engine.stop();
  });
});
