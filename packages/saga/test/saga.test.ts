import { AsyncLocalStorage } from "node:async_hooks";
import { KontorError } from "@kontor/errors";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defineSaga, fail, next } from "../src/index.ts";
import { type Environment, openEnvironment, type Remote, recordingRemote } from "./environment.ts";
import { abcd, aStep, type State } from "./sample-saga.ts";

const name = "test.abcd.v1";
const down = new KontorError({ code: "UNAVAILABLE", reason: "DOWN", domain: "test", message: "It is down." });
const refused = new KontorError({ code: "FAILED_PRECONDITION", reason: "REFUSED", domain: "test", message: "No." });

let env: Environment;
let remote: Remote;
beforeAll(async () => {
  env = await openEnvironment();
});
afterAll(() => env.close());
beforeEach(() => {
  remote = recordingRemote();
});

const ends = (id: string, phase: string) => eventually(async () => expect(await env.row(id)).toMatchObject({ phase }));
const facts = async (id: string) =>
  (await rowsOf<{ fact: string }>(env.db, "SELECT fact FROM facts WHERE saga = $1", [id])).map(({ fact }) => fact);

describe("a saga whose steps succeed", () => {
  it("runs them in order and completes once, with its lease given back", async () => {
    const engine = env.engine([abcd({ pivot: "c" })], remote);
    await env.begin(engine, name, "happy");
    await ends("happy", "completed");
    expect(remote.calls).toEqual(["run a", "run b", "run c", "run d"]);
    expect(await facts("happy")).toEqual(["completed"]);
    expect(await env.row("happy")).toMatchObject({ held: false });
    expect(await env.history("happy")).toEqual(["run a done", "run b done", "run c done", "run d done"]);
    await engine.stop();
  });

  it("begins once, for any number of calls", async () => {
    const engine = env.engine([abcd()], remote);
    expect(await env.begin(engine, name, "twice", { visited: "first" })).toBe(true);
    expect(await env.begin(engine, name, "twice", { visited: "second" })).toBe(false);
    await ends("twice", "completed");
    expect(remote.calls).toHaveLength(4);
    expect((await env.row("twice")).state).toEqual({ visited: "first" });
    await engine.stop();
  });

  it("does not begin when the caller's transaction is rolled back", async () => {
    const engine = env.engine([abcd()], remote);
    const rolledBack = env.db.transaction(async (tx) => {
      await engine.begin(tx, name, "never", {});
      throw refused;
    });
    await expect(rolledBack).rejects.toBe(refused);
    await env.begin(engine, name, "after-never");
    await ends("after-never", "completed");
    await expect(env.row("never")).rejects.toThrow();
    expect(remote.calls).toHaveLength(4);
    await engine.stop();
  });

  it("stores a step's change of the state, and its records in the same transaction", async () => {
    remote.on["run a"] = () => next({ visited: "a" });
    const engine = env.engine([abcd()], remote);
    await env.begin(engine, name, "state");
    await ends("state", "completed");
    expect((await env.row("state")).state).toEqual({ visited: "a" });
    expect(await env.db.query("SELECT 1 FROM facts WHERE fact = 'a a'")).toHaveLength(1);
    await engine.stop();
  });

  it("keeps a step's record and completion together: when the record fails, the step runs again", async () => {
    await env.db.query(`CREATE FUNCTION refuse_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT nextval('refusals')) = 1 THEN RAISE EXCEPTION 'not now'; END IF; RETURN new; END $$`);
    await env.db.query("CREATE SEQUENCE refusals");
    await env.db.query(
      "CREATE TRIGGER once BEFORE INSERT ON facts FOR EACH ROW WHEN (new.fact = 'a record') EXECUTE FUNCTION refuse_once()",
    );
    const engine = env.engine([abcd()], remote);
    await env.begin(engine, name, "record", { visited: "record" });
    await ends("record", "completed");
    expect(remote.calls.filter((call) => call === "run a")).toHaveLength(2);
    expect(await env.db.query("SELECT 1 FROM facts WHERE fact = 'a record'")).toHaveLength(1);
    await engine.stop();
  });

  it("runs outside of the request that began it, without that request's deadline and user", async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    remote.on["run a"] = () => void seen.push(request.getStore());
    const engine = env.engine([abcd()], remote);
    await request.run("of the user", () => env.begin(engine, name, "outside"));
    await ends("outside", "completed");
    expect(seen).toEqual([undefined]);
    await engine.stop();
  });

  it("outlives a database connection that breaks while a step is stored", async () => {
    const kill = defineSaga<State, Remote>({
      name: "test.kill.v1",
      steps: [
        aStep("a", {
          record: async (tx) => {
            if (remote.calls.length === 1) await tx.query("SELECT pg_terminate_backend(pg_backend_pid())");
          },
        }),
      ],
    });
    const engine = env.engine([kill], remote);
    await env.begin(engine, "test.kill.v1", "broken");
    await ends("broken", "completed");
    expect(remote.calls).toEqual(["run a", "run a"]);
    await engine.stop();
  });

  it("is finished quickly a thousand times over", async () => {
    const engine = env.engine([abcd()], remote);
    const ids = Array.from({ length: 1000 }, (_, i) => `bulk-${i}`);
    const started = performance.now();
    await Promise.all(ids.map((id) => env.begin(engine, name, id)));
    await eventually(
      async () => {
        const [row] = await rowsOf<{ open: bigint }>(
          env.db,
          "SELECT count(*) AS open FROM sagas WHERE id LIKE 'bulk-%' AND phase <> 'completed'",
        );
        expect(row?.open).toBe(0n);
      },
      { timeoutMs: 25_000 },
    );
    console.info(`1,000 sagas of 4 steps in ${Math.round(performance.now() - started)} ms`);
    expect(remote.calls).toHaveLength(4000);
    await engine.stop();
  });
});

describe("a saga whose step fails permanently", () => {
  it.each(["a", "b", "c", "d"])("undoes exactly the begun steps in reverse when %s refuses", async (step) => {
    remote.on[`run ${step}`] = () => fail("REFUSED", "No.");
    const engine = env.engine([abcd()], remote);
    await env.begin(engine, name, `refuse-${step}`);
    await ends(`refuse-${step}`, "compensated");
    const begun = ["a", "b", "c", "d"].slice(0, "abcd".indexOf(step) + 1);
    expect(remote.calls).toEqual([...begun.map((s) => `run ${s}`), ...begun.toReversed().map((s) => `undo ${s}`)]);
    expect(await env.row(`refuse-${step}`)).toMatchObject({ failure: { reason: "REFUSED", message: "No.", step } });
    expect(await facts(`refuse-${step}`)).toEqual(["compensated REFUSED"]);
    await engine.stop();
  });

  it("treats a thrown permanent error like a refusal", async () => {
    remote.on["run b"] = () => Promise.reject(refused);
    const engine = env.engine([abcd({ pivot: "c" })], remote);
    await env.begin(engine, name, "thrown");
    await ends("thrown", "compensated");
    expect(remote.calls).toEqual(["run a", "run b", "undo b", "undo a"]);
    await engine.stop();
  });

  it("compensates when the pivot itself is refused, for then nothing is beyond return", async () => {
    remote.on["run c"] = () => fail("EXPIRED", "The reservation has expired.");
    const engine = env.engine([abcd({ pivot: "c" })], remote);
    await env.begin(engine, name, "pivot-refused");
    await ends("pivot-refused", "compensated");
    expect(await facts("pivot-refused")).toEqual(["compensated EXPIRED"]);
    await engine.stop();
  });
});

describe("a saga whose step fails temporarily", () => {
  it("tries again, with the same key and a growing attempt", async () => {
    remote.on["run b"] = (nth) => (nth < 4 ? Promise.reject(down) : undefined);
    const engine = env.engine([abcd()], remote);
    await env.begin(engine, name, "retry");
    await ends("retry", "completed");
    expect(remote.calls).toEqual(["run a", "run b", "run b", "run b", "run b", "run c", "run d"]);
    await engine.stop();
  });

  it("is attempted as often as it takes before the pivot", async () => {
    remote.on["run b"] = (nth) => (nth <= 20 ? Promise.reject(down) : undefined);
    const engine = env.engine([abcd({ pivot: "c", deadlineMs: 60_000 })], remote);
    await env.begin(engine, name, "patient");
    await ends("patient", "completed");
    expect(remote.calls.filter((call) => call === "run b")).toHaveLength(21);
    await engine.stop();
  });

  it("compensates at the deadline, including the step of unknown outcome", async () => {
    remote.on["run b"] = () => Promise.reject(down);
    const engine = env.engine([abcd({ pivot: "c", deadlineMs: 300 })], remote);
    await env.begin(engine, name, "exhausted");
    await ends("exhausted", "compensated");
    expect(remote.calls.slice(-2)).toEqual(["undo b", "undo a"]);
    expect(await env.row("exhausted")).toMatchObject({ failure: { reason: "DEADLINE_EXCEEDED", step: "b" } });
    await engine.stop();
  });

  it("never compensates from the pivot on", async () => {
    remote.on["run c"] = (nth) => (nth < 15 ? Promise.reject(new Error("socket hang up")) : undefined);
    const engine = env.engine([abcd({ pivot: "c" })], remote);
    await env.begin(engine, name, "forward");
    await ends("forward", "completed");
    expect(remote.calls.filter((call) => call === "run c")).toHaveLength(15);
    await engine.stop();
  });

  it("counts a step that does not respond in time as unknown and retries it", async () => {
    remote.on["run b"] = (nth) => (nth === 1 ? new Promise(() => {}) : undefined);
    const engine = env.engine([abcd()], remote, { stepTimeoutMs: 100 });
    await env.begin(engine, name, "slow");
    await ends("slow", "completed");
    expect(remote.calls.filter((call) => call === "run b")).toHaveLength(2);
    await engine.stop();
  });
});

describe("a saga that needs an operator", () => {
  it("parks after a permanent error past the pivot, and goes forward when resumed", async () => {
    remote.on["run d"] = (nth) => (nth === 1 ? Promise.reject(refused) : undefined);
    const engine = env.engine([abcd({ pivot: "c" })], remote);
    await env.begin(engine, name, "park");
    await ends("park", "parked");
    expect(await engine.parked()).toMatchObject([
      { id: "park", step: "d", action: "run", error: expect.stringContaining("REFUSED") },
    ]);
    expect(await engine.resume("park", "test.other.v1")).toBe(false);
    expect(await engine.resume("\0", name)).toBe(false);
    expect(await engine.resume("park", name)).toBe(true);
    await ends("park", "completed");
    expect(await engine.resume("park")).toBe(false);
    await engine.stop();
  });

  it("does not park while an undo fails for now, however often", async () => {
    remote.on["run c"] = () => fail("REFUSED", "No.");
    remote.on["undo b"] = (nth) => (nth <= 15 ? Promise.reject(down) : undefined);
    const engine = env.engine([abcd()], remote);
    await env.begin(engine, name, "slow-undo");
    await ends("slow-undo", "compensated");
    expect(remote.calls.filter((call) => call === "undo b")).toHaveLength(16);
    await engine.stop();
  });

  it("parks when an undo keeps failing, and compensates the rest when resumed", async () => {
    remote.on["run c"] = () => fail("REFUSED", "No.");
    remote.on["undo b"] = (nth) => (nth <= 10 ? Promise.reject(refused) : undefined);
    const engine = env.engine([abcd()], remote);
    await env.begin(engine, name, "park-undo");
    await ends("park-undo", "parked");
    expect(remote.calls.filter((call) => call === "undo b")).toHaveLength(10);
    expect(remote.calls).not.toContain("undo a");
    expect(await engine.parked()).toMatchObject([
      { id: "park-undo", step: "b", action: "undo", failure: { reason: "REFUSED" } },
    ]);
    await engine.resume("park-undo");
    await ends("park-undo", "compensated");
    expect(remote.calls.slice(-2)).toEqual(["undo b", "undo a"]);
    await engine.stop();
  });
});
