import { KontorError } from "@kontor/errors";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defineSaga } from "../src/index.ts";
import { type Environment, openEnvironment } from "./environment.ts";

const name = "test.outage.v1";
const CONCURRENCY = 16;
const WAITING = 1_000;
const NEW = 50;

let env: Environment;
beforeAll(async () => {
  env = await openEnvironment();
});
afterAll(() => env.close());

/** Returns a provider that is unreachable until `isUp` is set, and its received calls. */
function aProvider() {
  const provider = { isUp: false, charges: [] as string[], inFlight: 0, mostInFlight: 0, charge };
  async function charge(id: string): Promise<void> {
    provider.inFlight += 1;
    provider.mostInFlight = Math.max(provider.mostInFlight, provider.inFlight);
    await new Promise((resolve) => setImmediate(resolve));
    provider.inFlight -= 1;
    if (!provider.isUp)
      throw new KontorError({ code: "UNAVAILABLE", reason: "AWAY", domain: "test", message: "Away." });
    provider.charges.push(id);
  }
  return provider;
}

const saga = defineSaga<object, { charge(id: string): Promise<void> }>({
  name,
  deadlineMs: 600_000,
  steps: [
    { name: "reserve", run: async () => {}, undo: async () => {} },
    { name: "charge", run: (_, provider, { sagaId }) => provider.charge(sagaId) },
    { name: "dispatch", run: async () => {} },
  ],
});

const count = async (where: string) =>
  (await rowsOf<{ n: number }>(env.db, `SELECT count(*)::int AS n FROM sagas WHERE ${where}`))[0]?.n;
const ids = (prefix: string, length: number) => Array.from({ length }, (_, n) => `${prefix}-${n}`);

describe("a thousand sagas whose provider was away", () => {
  it("all end once, in bounded memory, and new sagas do not wait for all of them", async () => {
    const provider = aProvider();
    const settings = { concurrency: CONCURRENCY, retry: { baseMs: 200, capMs: 3_000 } };
    const engine = env.engine([saga], provider, settings);
    for (const id of ids("old", WAITING)) await env.begin(engine, name, id);
    await eventually(async () => expect(await count("attempts >= 2")).toBeGreaterThan(WAITING * 0.9), {
      timeoutMs: 60_000,
    });
    expect(await count("phase <> 'running'")).toBe(0);

    provider.isUp = true;
    const began = performance.now();
    for (const id of ids("new", NEW)) await env.begin(engine, name, id);
    await eventually(async () => expect(await count("phase = 'completed'")).toBe(WAITING + NEW), { timeoutMs: 60_000 });
    const drainedMs = performance.now() - began;
    console.info(`${WAITING} waiting sagas and ${NEW} new ones ended in ${Math.round(drainedMs)} ms`);

    expect(new Set(provider.charges).size).toBe(WAITING + NEW);
    expect(provider.charges).toHaveLength(WAITING + NEW);
    const lastNew = provider.charges.findLastIndex((id) => id.startsWith("new-"));
    expect(lastNew).toBeLessThan(provider.charges.length - 1);
    // Waiting sagas are rows: a process has no more in memory than its slots, and those that it is about to insert.
    expect(provider.mostInFlight).toBeLessThanOrEqual(2 * CONCURRENCY);
    await engine.stop();
  }, 150_000);
});
