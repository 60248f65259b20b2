import { KontorError } from "@kontor/errors";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defineSaga, fail } from "../src/index.ts";
import { type Environment, openEnvironment, type Remote, recordingRemote } from "./environment.ts";
import { abcd, aStep, type State } from "./sample-saga.ts";

const poison = (more: { pivot?: string; deadlineMs?: number } = {}) =>
  defineSaga<State, Remote>({ name: "test.poison.v1", ...more, steps: [aStep("x"), aStep("y"), aStep("z")] });
const unavailable = { code: "UNAVAILABLE", reason: "DOWN", domain: "test", message: "It is down." } as const;

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
const countOf = (call: string) => remote.calls.filter((made) => made === call).length;
const bug = () => {
  throw new TypeError("Cannot read properties of undefined (reading 'id')");
};

describe("a saga whose step always throws something unexpected", () => {
  it("is parked past its pivot after a bounded number of attempts, with its cause, and continues once it is repaired", async () => {
    remote.on["run y"] = bug;
    const engine = env.engine([poison({ pivot: "x" })], remote);
    await env.begin(engine, "test.poison.v1", "past");
    await ends("past", "parked");
    expect(countOf("run y")).toBe(30);
    expect(await env.row("past")).toMatchObject({ held: false });
    const [parked] = await engine.parked();
    expect(parked).toMatchObject({
      id: "past",
      step: "y",
      action: "run",
      error: expect.stringContaining("reading 'id'"),
    });
    remote.on["run y"] = () => undefined;
    expect(await engine.resume("past")).toBe(true);
    await ends("past", "completed");
    await engine.stop();
  });

  it("is parked where neither pivot nor deadline would end its attempts", async () => {
    remote.on["run x"] = bug;
    const engine = env.engine([poison()], remote);
    await env.begin(engine, "test.poison.v1", "endless");
    await ends("endless", "parked");
    await engine.stop();
  });

  it("compensates at its deadline before its pivot", async () => {
    remote.on["run y"] = bug;
    const engine = env.engine([poison({ pivot: "z", deadlineMs: 400 })], remote, { maxRunAttempts: 5 });
    await env.begin(engine, "test.poison.v1", "early");
    await ends("early", "compensated");
    expect(countOf("run y")).toBeGreaterThan(5);
    expect(await env.row("early")).toMatchObject({ failure: { reason: "DEADLINE_EXCEEDED" } });
    await engine.stop();
  });

  it("delays no other saga, also where all slots are fewer than the poisoned ones", async () => {
    remote.on["run y"] = bug;
    const retry = { baseMs: 1_000, capMs: 10_000 };
    const engine = env.engine([poison({ pivot: "x" }), abcd()], remote, { concurrency: 4, retry });
    for (let n = 0; n < 40; n += 1) await env.begin(engine, "test.poison.v1", `poison-${n}`);
    await eventually(() => expect(countOf("run y")).toBeGreaterThanOrEqual(40));
    const attempts = countOf("run y");
    for (let n = 0; n < 40; n += 1) await env.begin(engine, "test.abcd.v1", `sound-${n}`);
    await eventually(async () => {
      const [sound] = await env.db.query(
        "SELECT count(*)::int AS n FROM sagas WHERE id LIKE 'sound-%' AND phase = 'completed'",
      );
      expect(sound).toEqual({ n: 40 });
    });
    expect(countOf("run y") - attempts).toBeLessThan(200);
    await engine.stop();
  });
});

describe("a saga whose failure is not permanent", () => {
  it("is never parked: the callee may be unreachable for hours", async () => {
    remote.on["run y"] = (nth) => {
      if (nth <= 60) throw new KontorError(unavailable);
    };
    const engine = env.engine([poison({ pivot: "x" })], remote);
    await env.begin(engine, "test.poison.v1", "away");
    await ends("away", "completed");
    expect(countOf("run y")).toBe(61);
    await engine.stop();
  });

  it("waits no longer than an hour, even if the callee names a longer time", async () => {
    remote.on["run x"] = (nth) => {
      if (nth === 1) throw new KontorError({ ...unavailable, retryAfterMs: 1e300 });
    };
    const engine = env.engine([poison()], remote);
    await env.begin(engine, "test.poison.v1", "never");
    await eventually(async () => expect(await env.row("never")).toMatchObject({ attempts: 1 }));
    const [row] = await env.db.query("SELECT wake_at <= now() + interval '1 h' AS soon FROM sagas WHERE id = 'never'");
    expect(row).toEqual({ soon: true });
    await engine.stop();
  });
});

describe("a saga that cannot be stored as it failed", () => {
  it("is stored with the text of the failure, with any characters", async () => {
    remote.on["run y"] = () => {
      throw new Error("a\0b");
    };
    const engine = env.engine([poison({ pivot: "x" })], remote, { maxRunAttempts: 2 });
    await env.begin(engine, "test.poison.v1", "text");
    await ends("text", "parked");
    expect((await engine.parked()).find(({ id }) => id === "text")?.error).toContain("a\uFFFDb");
    remote.on["run x"] = () => fail("REFUSED", "c\0d");
    await env.begin(engine, "test.poison.v1", "refused");
    await ends("refused", "compensated");
    expect(await env.row("refused")).toMatchObject({ failure: { reason: "REFUSED", message: "c\uFFFDd" } });
    await engine.stop();
  });

  it("is parked at once where its definition lacks its step", async () => {
    const engine = env.engine([poison()], remote);
    await env.db.query("INSERT INTO sagas (name, id, state, step) VALUES ('test.poison.v1', 'stray', '{}', 7)");
    await ends("stray", "parked");
    const stray = (await engine.parked()).find(({ id }) => id === "stray");
    expect(stray).toMatchObject({ step: "7", error: expect.stringContaining("has no step 7") });
    await engine.stop();
  });
});
