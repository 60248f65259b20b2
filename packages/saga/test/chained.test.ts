import { eventually } from "@kontor/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defineSaga, type SagaEngine, wait } from "../src/index.ts";
import { type Environment, openEnvironment, type Remote, recordingRemote } from "./environment.ts";
import { abcd, aStep, type State } from "./sample-saga.ts";

const name = "test.abcd.v1";
let env: Environment;
let remote: Remote;
let engine: SagaEngine;
beforeAll(async () => {
  env = await openEnvironment();
});
afterAll(() => env.close());
beforeEach(() => {
  remote = recordingRemote();
});
afterEach(() => engine.stop());

const start = (settings = {}) => {
  engine = env.engine([abcd({ pivot: "d", chained: true })], remote, settings);
};
const ends = (id: string, phase: string) => eventually(async () => expect(await env.row(id)).toMatchObject({ phase }));

describe("steps that are stored with the next", () => {
  it("write nothing of their own, and all their lines and records once", async () => {
    start();
    const steps: number[] = [];
    for (const step of ["b", "c"]) remote.on[`run ${step}`] = async () => void steps.push((await env.row("few")).step);
    await env.begin(engine, name, "few");
    await ends("few", "completed");
    expect(steps).toEqual([0, 0]);
    expect(await env.history("few")).toEqual(["run a done", "run b done", "run c done", "run d done"]);
    expect(remote.calls).toEqual(["run a", "run b", "run c", "run d"]);
  });

  it("pass their results on, which are stored with the next", async () => {
    start();
    remote.on["run a"] = () => ({ kind: "next", patch: { visited: "a" } });
    remote.on["run c"] = () => wait({ until: 3_600_000, reason: "TEST" });
    await env.begin(engine, name, "patched");
    await eventually(async () => expect(await env.row("patched")).toMatchObject({ step: 2, state: { visited: "a" } }));
    expect(await env.history("patched")).toEqual(["run a done", "run b done", "run c wait"]);
  });

  it("are undone as far as they ran, no further, when this engine ran all of them", async () => {
    start();
    remote.on["run b"] = () => ({ kind: "fail", reason: "REFUSED", message: "No." });
    await env.begin(engine, name, "refused");
    await ends("refused", "compensated");
    expect(remote.calls).toEqual(["run a", "run b", "undo b", "undo a"]);
    expect(await env.row("refused")).toMatchObject({ failure: { reason: "REFUSED", step: "b" } });
  });

  it("store their position when one fails for a time", async () => {
    start();
    remote.on["run b"] = (nth) => (nth === 1 ? Promise.reject(new Error("socket hang up")) : undefined);
    await env.begin(engine, name, "retried");
    await ends("retried", "completed");
    expect(remote.calls).toEqual(["run a", "run b", "run b", "run c", "run d"]);
    expect((await env.history("retried")).slice(0, 2)).toEqual(["run a done", "run b retry"]);
  });

  it("do not lose a wake that comes while the row is at an earlier one", async () => {
    start({ pollMs: 60_000 });
    remote.on["run c"] = async (nth) => {
      if (nth > 1) return;
      await env.db.transaction((tx) => engine.wake(tx, name, "early", "c"));
      return wait({ until: 3_600_000, reason: "3-DS" });
    };
    await env.begin(engine, name, "early");
    await ends("early", "completed");
  });

  it("are compensated when an abort arrived meanwhile, and the pivot never runs", async () => {
    start();
    remote.on["run b"] = async () =>
      void (await env.db.transaction((tx) => engine.requestAbort(tx, name, "aborted", "CUSTOMER_CANCELLED")));
    await env.begin(engine, name, "aborted");
    await ends("aborted", "compensated");
    expect(remote.calls).toEqual(["run a", "run b", "run c", "undo c", "undo b", "undo a"]);
  });

  it("are stored by themselves when the lease would not cover the next", async () => {
    start({ stepTimeoutMs: 300, leaseMarginMs: 400 });
    const steps: number[] = [];
    remote.on["run a"] = () => new Promise((resolve) => setTimeout(resolve, 200));
    remote.on["run b"] = async () => void steps.push((await env.row("slow")).step);
    await env.begin(engine, name, "slow");
    await ends("slow", "completed");
    expect(steps).toEqual([1]);
  });

  it("run again, and are finally parked, when their records can never be stored", async () => {
    const broken = defineSaga<State, Remote>({
      name: "test.broken",
      pivot: "a",
      steps: [
        aStep("a"),
        aStep("b", { storedWithNext: true, record: (tx) => tx.query("SELECT 1 / 0") }),
        aStep("c", { undo: async () => {} }),
      ],
    });
    engine = env.engine([broken], remote, { maxRunAttempts: 3 });
    await env.begin(engine, "test.broken", "broken");
    await ends("broken", "parked");
    expect(await env.row("broken")).toMatchObject({ step: 1 });
    expect(remote.calls.filter((call) => call === "run b")).toHaveLength(3);
  });
});
