import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defineSaga, type SagaEngine } from "../src/index.ts";
import { type Environment, openEnvironment, type Remote, recordingRemote } from "./environment.ts";

const name = "test.line.v1";

let env: Environment;
let remote: Remote;
let order: string[];
beforeAll(async () => {
  env = await openEnvironment();
});
afterAll(() => env.close());
beforeEach(async () => {
  remote = recordingRemote();
  order = [];
  await env.db.query("DELETE FROM sagas");
});

/** One step that records which saga ran, and holds its slot until the remote's `run` returns. */
const line = (deadlineMs?: number) =>
  defineSaga<object, Remote>({
    name,
    ...(deadlineMs !== undefined && { deadlineMs }),
    steps: [
      {
        name: "run",
        run: async (_state, to, { sagaId }) => {
          order.push(sagaId);
          await to.call(`run ${sagaId}`);
        },
      },
    ],
  });

/** Rows that came due one after the other, the oldest first, and that no engine has attempted. */
async function waiting(ids: readonly string[], more = ""): Promise<void> {
  await env.db.query(
    `INSERT INTO sagas (name, id, state, wake_at, created_at ${more && ", deadline_at"})
     SELECT $1, id, '{}', now() - interval '1 min' + n * interval '1 ms', now() - interval '1 h' ${more}
     FROM unnest($2::text[]) WITH ORDINALITY AS t (id, n)`,
    [name, ids],
  );
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
const allRan = (count: number) => eventually(() => expect(order).toHaveLength(count));

/** Starts an engine whose only slot is held until the returned function is called. */
async function anEngineAtWork(): Promise<{ engine: SagaEngine; letGo: () => void }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  remote.on["run first"] = () => promise;
  const engine = env.engine([line()], remote, { concurrency: 1, pollMs: 60_000 });
  await env.begin(engine, name, "first");
  await allRan(1);
  return { engine, letGo: resolve };
}

describe("the line of sagas", () => {
  it("is served oldest due first, and new sagas do not pass it", async () => {
    const { engine, letGo } = await anEngineAtWork();
    const old = names("old", 20);
    await waiting(old);
    const young = names("young", 20);
    for (const id of young) await env.begin(engine, name, id);
    letGo();
    await allRan(41);
    expect(order).toEqual(["first", ...old, ...young]);
    await engine.stop();
  });

  it("gives no free slot to a new saga while another waits", async () => {
    const idle = env.engine([line()], remote, { concurrency: 1, pollMs: 60_000 });
    await waiting(["old"]); // Begun at another replica; this engine has not queried yet.
    await env.begin(idle, name, "young");
    await allRan(2);
    expect(order).toEqual(["old", "young"]);
    await idle.stop();
  });

  it("starts a new saga at once when nothing waits", async () => {
    const idle = env.engine([line()], remote, { concurrency: 1, pollMs: 60_000 });
    await env.db.transaction(async (tx) => {
      await idle.begin(tx, name, "alone", {});
      expect(await tx.query("SELECT owner IS NOT NULL AS held FROM sagas WHERE id = 'alone'")).toEqual([
        { held: true },
      ]);
    });
    await allRan(1);
    await idle.stop();
  });

  it("takes turns with sagas that were woken", async () => {
    const { engine, letGo } = await anEngineAtWork();
    const old = names("old", 6);
    await waiting(old);
    const woken = names("woken", 3);
    await env.db.query(
      "INSERT INTO sagas (name, id, state, wake_at) SELECT $1, unnest($2::text[]), '{}', now() + interval '1 h'",
      [name, woken],
    );
    for (const id of woken) await env.db.transaction((tx) => engine.wake(tx, name, id));
    await env.begin(engine, name, "young");
    letGo();
    await allRan(11);
    const last = Math.max(...woken.map((id) => order.indexOf(id)));
    expect(last).toBeLessThanOrEqual(6); // It does not wait for the whole queue.
    expect(order.filter((id) => id.startsWith("old"))).toEqual(old);
    expect(order.indexOf("old-1")).toBeLessThan(last); // It does not overtake the whole queue.
    await engine.stop();
  });

  it("runs no more sagas at once than the engine has slots, for any number of simultaneous begins", async () => {
    let running = 0;
    let most = 0;
    const ids = names("burst", 40);
    for (const id of ids) {
      remote.on[`run ${id}`] = async () => {
        most = Math.max(most, ++running);
        await env.db.query("SELECT 1");
        running -= 1;
      };
    }
    const engine = env.engine([line()], remote, { concurrency: 4 });
    await Promise.all(ids.map((id) => env.begin(engine, name, id)));
    await allRan(40);
    expect(most).toBeLessThanOrEqual(8); // Slots of transactions that are about to commit come on top.
    await engine.stop();
  });
});

describe("the deadline of a saga", () => {
  it("counts from the first attempt, not from the time in line", async () => {
    await waiting(["late"], ", now() - interval '1 h' + interval '30 s'"); // A deadline of 30 s, an hour ago.
    const engine = env.engine([line(30_000)], remote);
    await allRan(1);
    await eventually(async () => expect(await env.row("late")).toMatchObject({ phase: "completed" }));
    await engine.stop();
  });
});
