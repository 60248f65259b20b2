import { createSharedTransactions } from "@kontor/batch";
import { openDatabase } from "@kontor/postgres";
import { createLogger, currentTraceId, registry, runWithTrace } from "@kontor/telemetry";
import { eventually, startLossyProxy } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSagaEngine, defineSaga, type SagaEngine, wait } from "../src/index.ts";
import { type Environment, openEnvironment, type Remote, recordingRemote } from "./environment.ts";
import { aStep, type State } from "./sample-saga.ts";

const name = "test.flights";
const SAGAS = 64;
const ids = Array.from({ length: SAGAS }, (_, n) => `f-${n}`);

let env: Environment;
let remote: Remote;
beforeAll(async () => {
  env = await openEnvironment();
  await env.db.query("CREATE TABLE record (saga text PRIMARY KEY, trace text, n int CHECK (n < 100))");
});
afterAll(() => env.close());
beforeEach(async () => {
  remote = recordingRemote();
  await env.db.query("TRUNCATE sagas, saga_log, record");
});

/** Two steps, the first of which records the result of `recordOf`. */
const recording = (recordOf: (state: State) => readonly [saga: unknown, n: unknown]) =>
  defineSaga<State & { id: string }, Remote>({
    name,
    pivot: "b",
    steps: [
      {
        ...aStep("a"),
        record: (tx, state) =>
          tx.query("INSERT INTO record VALUES ($1, $3, $2)", [...recordOf(state), currentTraceId() ?? "none"]),
      },
      aStep("b"),
    ],
  });
const own = (state: State) => [(state as { id?: string }).id, 1] as const;

/** Begins all sagas in one transaction, each in its own trace. */
async function beginAll(engine: SagaEngine): Promise<void> {
  const share = createSharedTransactions(env.db, { name: "test" });
  const trace = (n: number) => ({ traceparent: `00-${traceOf(n)}-b7ad6b7169203331-01` });
  await Promise.all(
    ids.map((id, n) => runWithTrace(trace(n), () => share((tx) => engine.begin(tx, name, id, { id })))),
  );
}
const traceOf = (n: number) => n.toString(16).padStart(32, "a");
const count = async (table: string, where = "true") => {
  const [row] = await env.db.query(`SELECT count(*)::int AS n FROM ${table} WHERE ${where}`);
  return Number(row?.n);
};
const completed = (n: number) =>
  eventually(async () => expect(await count("sagas", "phase = 'completed'")).toBe(n), { timeoutMs: 20_000 });
async function flights(): Promise<number> {
  const metric = registry.getSingleMetric("kontor_batch_flights_total");
  const values = (await metric?.get())?.values ?? [];
  return values.filter(({ labels }) => labels.batch === "saga.transitions").reduce((sum, { value }) => sum + value, 0);
}
const slow = { concurrency: 2 * SAGAS, retry: { baseMs: 3_600_000, capMs: 3_600_000 } };

describe("the transitions of sagas that are ready at the same time", () => {
  it("share statements, and each record is made in the trace of its saga", async () => {
    const engine = env.engine([recording(own)], remote, slow);
    const before = await flights();
    await beginAll(engine);
    await completed(SAGAS);
    expect((await flights()) - before).toBeLessThan(SAGAS / 2); // Alone they were 128.
    const traces = await env.db.query("SELECT saga, trace FROM record");
    expect(new Map(traces.map(({ saga, trace }) => [saga, trace]))).toEqual(
      new Map(ids.map((id, n) => [id, traceOf(n)])),
    );
    expect(await count("saga_log")).toBe(2 * SAGAS);
    await engine.stop();
  });

  it.each([
    ["breaks a unique key", (id: string) => [id === "f-13" ? "taken" : id, 1]],
    ["breaks a check", (id: string) => [id, id === "f-0" ? 100 : 1]],
    ["is out of range", (id: string) => [id, id === "f-63" ? 2 ** 40 : 1]],
    ["holds a NUL", (id: string) => [id === "f-31" ? "\0" : id, 1]],
  ] as const)("commit but for the one whose record %s", async (_, recordOf) => {
    await env.db.query("INSERT INTO record VALUES ('taken')");
    const saga = recording((state) => recordOf(String(own(state)[0])) as unknown as [unknown, unknown]);
    const engine = env.engine([saga], remote, slow);
    await beginAll(engine);
    await completed(SAGAS - 1);
    expect(await count("record", "saga <> 'taken'")).toBe(SAGAS - 1);
    await eventually(async () => expect(await count("saga_log", "outcome IN ('retry', 'failed')")).toBe(1));
    await engine.stop();
  });

  it("do not wait for the one whose row another transaction has locked", async () => {
    const engine = env.engine([recording(own)], remote, slow);
    const [holding, unlock] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    remote.on["run a"] = () => holding.promise;
    await beginAll(engine);
    const lock = env.db.transaction(async (tx) => {
      await tx.query("SELECT FROM sagas WHERE id = 'f-7' FOR UPDATE");
      holding.resolve();
      await unlock.promise;
    });
    await completed(SAGAS - 1);
    unlock.resolve();
    await lock;
    await completed(SAGAS);
    await engine.stop();
  });

  it("are read again, not repeated, when the response to their COMMIT is lost", async () => {
    const target = new URL(env.url);
    const proxy = await startLossyProxy(Number(target.port));
    const db = openDatabase({ url: env.url.replace(`:${target.port}/`, `:${proxy.port}/`), service: "saga-test" });
    const log = createLogger({ service: "saga-test", level: "silent" });
    let recorded = 0;
    const saga = recording(own);
    const steps = saga.steps.map((step) => ({
      ...step,
      ...(step.record && {
        record: async (...args: Parameters<typeof step.record>) => {
          await step.record?.(...args);
          if (++recorded === SAGAS) proxy.loseResponses(); // All that is left is COMMIT.
        },
      }),
    }));
    const engine = createSagaEngine({
      ...{ db, log, sagas: [{ ...saga, steps }], services: remote, concurrency: 2 * SAGAS },
    });
    engine.start();
    const gate = Promise.withResolvers<void>();
    remote.on["run a"] = () => gate.promise;
    await beginAll(engine);
    gate.resolve();
    await eventually(async () => expect(await count("sagas", "step = 1")).toBe(SAGAS));
    proxy.passResponses();
    await completed(SAGAS);
    expect(await count("record")).toBe(SAGAS);
    expect(await count("saga_log", "step = 'a' AND outcome = 'done'")).toBe(SAGAS);
    expect(remote.calls.filter((call) => call === "run a")).toHaveLength(SAGAS); // Their effect was not made again.
    await engine.stop();
    await db.close();
    await proxy.stop();
  });
});

describe("requests in one transaction", () => {
  it("of which two concern the same saga have the effect of one after the other", async () => {
    remote.on["run b"] = (nth) => (nth === 1 ? wait({ until: 3_600_000, reason: "TEST" }) : undefined);
    const engine = env.engine([recording(own)], remote, slow);
    const begun = await env.db.transaction((tx) =>
      Promise.all([1, 2].map((n) => engine.begin(tx, name, "twice", { id: `twice-${n}` }))),
    );
    expect(begun).toEqual([true, false]);
    await eventually(async () => expect(await env.row("twice")).toMatchObject({ step: 1, held: false }));
    await env.db.transaction((tx) => Promise.all(["b", "a", "b"].map((step) => engine.wake(tx, name, "twice", step))));
    await completed(1);
    expect(await env.row("twice")).toMatchObject({ state: { id: "twice-1" } });
    await engine.stop();
  });
});
