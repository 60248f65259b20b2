import { eventually } from "@kontor/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defineSaga, next, type SagaEngine, wait } from "../src/index.ts";
import { type Environment, openEnvironment, type Remote, recordingRemote } from "./environment.ts";
import { abcd, aStep, type State } from "./sample-saga.ts";

const name = "test.abcd.v1";
const soon = { pollMs: 60_000 }; // Longer than the test, so that the poll causes nothing in it.

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

const ends = (id: string, phase: string) => eventually(async () => expect(await env.row(id)).toMatchObject({ phase }));
const sleeps = (id: string) =>
  eventually(async () => expect(await env.row(id)).toMatchObject({ step: 1, held: false }));
const abort = (id: string) => env.db.transaction((tx) => engine.requestAbort(tx, name, id, "CUSTOMER_CANCELLED"));
const wake = (id: string) => env.db.transaction((tx) => engine.wake(tx, name, id));

describe("a saga that waits", () => {
  it("sleeps without a lease until it is woken, and is then at once on its way", async () => {
    remote.on["run b"] = (nth) => (nth === 1 ? wait({ until: 3_600_000, reason: "3-DS" }) : undefined);
    engine = env.engine([abcd({ pivot: "c" })], remote, soon);
    await env.begin(engine, name, "woken");
    await sleeps("woken");
    expect(await env.history("woken")).toEqual(["run a done", "run b wait"]);
    await wake("woken");
    await ends("woken", "completed");
    expect(remote.calls).toEqual(["run a", "run b", "run b", "run c", "run d"]);
  });

  it("is woken from the backoff after a failed attempt, by the step that it is at", async () => {
    remote.on["run b"] = (nth) => (nth === 1 ? Promise.reject(new Error("socket hang up")) : undefined);
    engine = env.engine([abcd()], remote, { ...soon, retry: { baseMs: 3_600_000, capMs: 3_600_000 } });
    await env.begin(engine, name, "backoff");
    await sleeps("backoff");
    await env.db.transaction((tx) => engine.wake(tx, name, "backoff", "c"));
    expect(await env.row("backoff")).toMatchObject({ step: 1, held: false });
    await env.db.transaction((tx) => engine.wake(tx, name, "backoff", "b"));
    await ends("backoff", "completed");
    expect(remote.calls).toEqual(["run a", "run b", "run b", "run c", "run d"]);
  });

  it("does not lose a wake that comes while the step is still running", async () => {
    const { promise: attempted, resolve: markAttempted } = Promise.withResolvers<void>();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    remote.on["run b"] = async (nth) => {
      if (nth > 1) return next();
      markAttempted();
      await answered;
      return wait({ until: 3_600_000, reason: "3-DS" });
    };
    engine = env.engine([abcd()], remote, soon);
    await env.begin(engine, name, "early-wake");
    await attempted;
    await wake("early-wake");
    answer();
    await ends("early-wake", "completed");
  });

  it("runs the step again when the time is up, with `waitExpired`", async () => {
    const expired: boolean[] = [];
    const saga = defineSaga<State, Remote>({
      name: "test.wait.v1",
      steps: [
        aStep("a", {
          run: async (_state, _remote, ctx) => {
            expired.push(ctx.waitExpired);
            return ctx.waitExpired ? next() : wait({ until: 50, reason: "an answer" });
          },
        }),
      ],
    });
    engine = env.engine([saga], remote);
    await env.begin(engine, "test.wait.v1", "expired");
    await ends("expired", "completed");
    expect(expired).toEqual([false, true]);
  });

  it("compensates when the saga's deadline comes first", async () => {
    remote.on["run b"] = () => wait({ until: 3_600_000, reason: "3-DS" });
    engine = env.engine([abcd({ pivot: "c", deadlineMs: 300 })], remote);
    await env.begin(engine, name, "overdue");
    await ends("overdue", "compensated");
    expect(remote.calls).toEqual(["run a", "run b", "undo b", "undo a"]);
    expect(await env.row("overdue")).toMatchObject({ failure: { reason: "DEADLINE_EXCEEDED", step: "b" } });
  });

  it("has no deadline any more once it has reached the pivot", async () => {
    remote.on["run c"] = (nth) => (nth === 1 ? wait({ until: 400, reason: "slow" }) : undefined);
    engine = env.engine([abcd({ pivot: "c", deadlineMs: 200 })], remote);
    await env.begin(engine, name, "late-pivot");
    await ends("late-pivot", "completed");
  });
});

describe("requesting a saga's compensation", () => {
  it("wakes one that waits, and compensates it at once", async () => {
    remote.on["run b"] = () => wait({ until: 3_600_000, reason: "3-DS" });
    engine = env.engine([abcd({ pivot: "c" })], remote, soon);
    await env.begin(engine, name, "abort-wait");
    await sleeps("abort-wait");
    expect(await abort("abort-wait")).toBe(true);
    await ends("abort-wait", "compensated");
    expect(remote.calls).toEqual(["run a", "run b", "undo b", "undo a"]);
    expect(await env.row("abort-wait")).toMatchObject({ failure: { reason: "CUSTOMER_CANCELLED" } });
    expect(await abort("abort-wait")).toBe(true);
  });

  it("is granted while the step before the pivot runs, and prevents the pivot", async () => {
    let granted: boolean | undefined;
    remote.on["run b"] = async () => {
      granted = await abort("abort-running");
    };
    engine = env.engine([abcd({ pivot: "c" })], remote, soon);
    await env.begin(engine, name, "abort-running");
    await ends("abort-running", "compensated");
    expect(granted).toBe(true);
    expect(remote.calls).toEqual(["run a", "run b", "undo b", "undo a"]);
  });

  it("is refused from the moment the pivot's intent is stored", async () => {
    let granted: boolean | undefined;
    remote.on["run c"] = async () => {
      granted = await abort("abort-late");
    };
    engine = env.engine([abcd({ pivot: "c" })], remote);
    await env.begin(engine, name, "abort-late");
    await ends("abort-late", "completed");
    expect(granted).toBe(false);
    expect(await abort("abort-late")).toBe(false);
  });

  it("fails for a saga that does not exist", async () => {
    engine = env.engine([abcd()], remote);
    await expect(abort("unheard-of")).rejects.toMatchObject({ code: "NOT_FOUND", reason: "SAGA_NOT_FOUND" });
  });
});
