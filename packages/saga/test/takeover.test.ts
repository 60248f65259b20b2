import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Environment, openEnvironment, type Remote, recordingRemote } from "./environment.ts";
import { abcd } from "./sample-saga.ts";

const name = "test.abcd.v1";

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
const expireLease = (id: string) =>
  env.db.query(
    "UPDATE sagas SET lease_until = now() - interval '1 s', wake_at = now() - interval '1 s' WHERE id = $1",
    [id],
  );

describe("a saga whose engine stopped responding", () => {
  it("is taken over when the lease has expired, and the former engine cannot store its result", async () => {
    const { promise: attempted, resolve: markAttempted } = Promise.withResolvers<void>();
    const { promise: thawed, resolve: thaw } = Promise.withResolvers<void>();
    const frozen = recordingRemote();
    frozen.on["run b"] = async () => {
      markAttempted();
      await thawed;
      return { kind: "fail", reason: "ZOMBIE", message: "I am late." };
    };
    const zombie = env.engine([abcd()], frozen, { pollMs: 60_000 });
    await env.begin(zombie, name, "frozen");
    await attempted;
    await expireLease("frozen");
    const { promise: zombieGone, resolve: bury } = Promise.withResolvers<void>();
    remote.on["run b"] = () => zombieGone;
    const heir = env.engine([abcd()], remote);
    await eventually(() => expect(remote.calls).toEqual(["run b"]));
    thaw(); // Both have the result of the same step now, and only one has the lease.
    await zombie.stop();
    bury();
    await ends("frozen", "completed");
    expect(remote.calls).toEqual(["run b", "run c", "run d"]);
    expect(frozen.calls).toEqual(["run a", "run b"]);
    expect(await env.row("frozen")).toMatchObject({ phase: "completed", failure: null });
    expect((await env.history("frozen")).filter((line) => line.startsWith("run b"))).toEqual(["run b done"]);
    await heir.stop();
  });

  it("is never run by two engines that share the work", async () => {
    const other = recordingRemote();
    const one = env.engine([abcd()], remote, { concurrency: 2 });
    const two = env.engine([abcd()], other, { concurrency: 2 });
    const ids = Array.from({ length: 60 }, (_, i) => `shared-${i}`);
    await Promise.all(ids.map((id, i) => env.begin(i % 2 ? one : two, name, id)));
    await Promise.all(ids.map((id) => ends(id, "completed")));
    expect(remote.calls.length + other.calls.length).toBe(240);
    await Promise.all([one.stop(), two.stop()]);
  });
});

describe("stopping an engine", () => {
  it("finishes the step in flight and leaves the rest, unheld, to the next engine", async () => {
    const { promise: attempted, resolve: markAttempted } = Promise.withResolvers<void>();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    remote.on["run b"] = async () => {
      markAttempted();
      await answered;
    };
    const engine = env.engine([abcd()], remote, { stopGraceMs: 10_000 });
    await env.begin(engine, name, "stopped");
    await attempted;
    const stopped = engine.stop();
    answer();
    await stopped;
    expect(await env.row("stopped")).toMatchObject({ phase: "running", step: 2, held: false });
    const next = env.engine([abcd()], remote);
    await ends("stopped", "completed");
    expect(remote.calls).toEqual(["run a", "run b", "run c", "run d"]);
    await next.stop();
  });

  it("abandons a step that outlasts the grace time, without counting the attempt", async () => {
    remote.on["run b"] = (nth) => (nth === 1 ? new Promise(() => {}) : undefined);
    const engine = env.engine([abcd()], remote, { stopGraceMs: 20 });
    await env.begin(engine, name, "abandoned");
    await eventually(() => expect(remote.calls).toContain("run b"));
    await engine.stop();
    expect(await env.row("abandoned")).toMatchObject({ phase: "running", step: 1, attempts: 0, held: false });
    const next = env.engine([abcd()], remote);
    await ends("abandoned", "completed");
    await next.stop();
  });

  it("does not delay a saga that is begun after it", async () => {
    const stopped = env.engine([abcd()], remote);
    await stopped.stop();
    await env.begin(stopped, name, "begun-late");
    expect(await env.row("begun-late")).toMatchObject({ phase: "running", held: false });
    const next = env.engine([abcd()], remote);
    await ends("begun-late", "completed");
    await next.stop();
  });
});
