import { defineErrors, isKontorError } from "@kontor/errors";
import { currentTraceId, runWithTrace } from "@kontor/telemetry";
import { describe, expect, it, vi } from "vitest";
import { type BatchOptions, blocked, createBatch, type Flight } from "./index.ts";

interface Ride {
  readonly key: string;
  readonly id: number;
}

const { KEY_BUSY } = defineErrors("test.kontor", { KEY_BUSY: { code: "ABORTED", message: "Busy." } });

/** Creates a batch that records its flights, with keys that the test blocks and releases. */
function recording(overrides: Partial<BatchOptions<Ride, string>> = {}) {
  const flights: { ids: number[]; waitFor: string | undefined }[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const inTheAir = { now: 0, most: 0 };
  const run = async (requests: readonly Ride[], { waitFor }: Flight) => {
    flights.push({ ids: requests.map(({ id }) => id), waitFor });
    inTheAir.most = Math.max(inTheAir.most, ++inTheAir.now);
    try {
      if (waitFor !== undefined) await gates.get(waitFor)?.promise;
      else await Promise.resolve();
      return requests.map(({ id, key }) => (waitFor === undefined && gates.has(key) ? blocked(key) : `r${id}`));
    } finally {
      inTheAir.now--;
    }
  };
  const batch = createBatch<Ride, string>({ name: "test", run, keyOf: ({ key }) => key, ...overrides });
  const block = (key: string) => {
    const gate = Promise.withResolvers<void>();
    gate.promise.catch(() => undefined);
    gates.set(key, gate);
    return {
      release: () => {
        gates.delete(key);
        gate.resolve();
      },
      fail: (error: unknown) => gate.reject(error),
    };
  };
  return { flights, inTheAir, block, ride: (key: string, id: number, options = {}) => batch({ key, id }, options) };
}

const reasonOf = (call: Promise<unknown>) =>
  call.then(
    () => "none",
    (error: unknown) => (isKontorError(error) ? error.reason : String(error)),
  );

describe("a batch", () => {
  it("lets requests that arrive during a flight share the next one, in order and up to a size", async () => {
    const { flights, ride } = recording({ maxSize: 3 });
    const rides = [1, 2, 3, 4, 5].map((id) => ride("k", id));
    await new Promise(setImmediate);
    rides.push(ride("k", 6));
    expect(await Promise.all(rides)).toEqual(["r1", "r2", "r3", "r4", "r5", "r6"]);
    expect(flights.map(({ ids }) => ids)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await ride("k", 7)).toBe("r7");
  });

  it("continues other keys while one is blocked, and runs all that waited for it together", async () => {
    const { flights, ride, block } = recording();
    const locked = block("locked");
    const waiting = [1, 2, 3].map((id) => ride("locked", id));
    expect(await Promise.all([4, 5, 6].map((id) => ride("free", id)))).toEqual(["r4", "r5", "r6"]);
    expect(await ride("free", 7)).toBe("r7");
    locked.release();
    expect(await Promise.all(waiting)).toEqual(["r1", "r2", "r3"]);
    const parts = flights.filter(({ waitFor }) => waitFor === "locked");
    expect(parts.map(({ ids }) => ids)).toEqual([[1], [2, 3]]);
  });

  it("runs one part per key and a limited number of them at once, and keys take turns", async () => {
    const { flights, inTheAir, ride, block } = recording({ maxParts: 2 });
    const locked = ["a", "b", "c"].map(block);
    const waiting = ["a", "b", "c", "a", "b", "c"].map((key, id) => ride(key, id));
    await vi.waitFor(() => expect(flights.filter(({ waitFor }) => waitFor !== undefined)).toHaveLength(2));
    expect(await ride("free", 9)).toBe("r9");
    for (const { release } of locked) release();
    await Promise.all(waiting);
    expect(flights.flatMap(({ waitFor }) => waitFor ?? []).slice(0, 3)).toEqual(["a", "b", "c"]);
    expect(inTheAir.most).toBeLessThanOrEqual(3);
  });

  it("fails all requests that wait for a key when the wait times out, and no others", async () => {
    const { flights, ride, block } = recording({ splits: (error) => !isKontorError(error, "KEY_BUSY") });
    const locked = block("locked");
    const waiting = [1, 2].map((id) => reasonOf(ride("locked", id)));
    expect(await ride("free", 3)).toBe("r3");
    locked.fail(KEY_BUSY());
    expect(await Promise.all(waiting)).toEqual(["KEY_BUSY", "KEY_BUSY"]);
    expect(flights.filter(({ waitFor }) => waitFor !== undefined)).toHaveLength(2);
  });

  it("runs a request alone that is blocked by one key after another", async () => {
    const flights: Flight[] = [];
    const run = async (requests: readonly Ride[], flight: Flight) => {
      flights.push(flight);
      return requests.map(({ id }) => (flight.alone ? `r${id}` : blocked(flight.waitFor === "a" ? "b" : "a")));
    };
    const { ride } = recording({ run });
    expect(await ride("k", 1)).toBe("r1");
    expect(flights.map(({ waitFor }) => waitFor)).toEqual([undefined, "a", "b", "a", "b"].slice(0, flights.length));
    expect(flights.filter(({ alone }) => alone)).toHaveLength(1);
    expect(flights.at(-1)?.alone).toBe(true);
  });

  it("fails one invalid request among many alone", async () => {
    const run = async (requests: readonly Ride[]) => {
      if (requests.some(({ id }) => id === 13)) throw new Error("13");
      return requests.map(({ id }) => `r${id}`);
    };
    const { ride } = recording({ run });
    const ids = Array.from({ length: 64 }, (_, id) => id);
    const reasons = await Promise.all(ids.map((id) => reasonOf(ride(`k${id % 4}`, id))));
    expect(reasons.map((reason, id) => (reason === "none" ? -1 : id)).filter((id) => id >= 0)).toEqual([13]);
  });

  it("without keys finds the failing one among 64 by halves, wherever it is, in few more flights", async () => {
    for (const poison of [0, 31, 63]) {
      const run = vi.fn(async (requests: readonly number[]) => {
        if (requests.includes(poison)) throw new Error("poison");
        return requests.map((id) => `r${id}`);
      });
      const batch = createBatch<number, string>({ name: "test", run });
      const ids = Array.from({ length: 64 }, (_, id) => id);
      const reasons = await Promise.all(ids.map((id) => reasonOf(batch(id))));
      expect(reasons.flatMap((reason, id) => (reason === "none" ? [] : [id]))).toEqual([poison]);
      expect(run.mock.calls.length).toBeLessThanOrEqual(1 + 2 * Math.log2(64));
    }
  });

  it("does not repeat a flight of unknown outcome", async () => {
    const lost = defineErrors("test.kontor", { LOST: { code: "UNAVAILABLE", message: "The response was lost." } });
    const run = vi.fn(() => Promise.reject(lost.LOST()));
    const batch = createBatch<number, string>({ name: "test", run });
    expect(await Promise.all([1, 2].map((id) => reasonOf(batch(id))))).toEqual(["LOST", "LOST"]);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("runs up to `maxFlights` shared flights at the same time, and later requests share the next one", async () => {
    const gates: PromiseWithResolvers<void>[] = [];
    const flights: number[][] = [];
    const run = async (requests: readonly number[]) => {
      flights.push([...requests]);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return requests;
    };
    const batch = createBatch<number, number>({ name: "test", run, maxFlights: 2 });
    const rides: Promise<number>[] = [];
    for (const id of [1, 2, 3, 4]) {
      rides.push(batch(id));
      await new Promise(setImmediate);
    }
    expect(flights).toEqual([[1], [2]]);
    for (const gate of gates) gate.resolve();
    await vi.waitFor(() => expect(flights).toEqual([[1], [2], [3, 4]]));
    gates.at(-1)?.resolve();
    expect(await Promise.all(rides)).toEqual([1, 2, 3, 4]);
  });

  it("does not split a flight whose error no split can help with", async () => {
    const run = vi.fn(() => Promise.reject(KEY_BUSY()));
    const { ride } = recording({ run, splits: () => false });
    expect(new Set(await Promise.all([1, 2, 3, 4].map((id) => reasonOf(ride("k", id)))))).toEqual(
      new Set(["KEY_BUSY"]),
    );
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("drops requests before the flight if their caller has cancelled or their deadline has passed", async () => {
    const { flights, ride } = recording();
    const gone = new AbortController();
    const first = ride("k", 1);
    const dropped = [
      ride("k", 2, { signal: gone.signal }),
      ride("k", 3, { deadline: new Date(0) }),
      ride("k", 4, { signal: AbortSignal.abort(KEY_BUSY()) }),
    ].map(reasonOf);
    const last = ride("k", 5, { deadline: new Date(Date.now() + 60_000), signal: new AbortController().signal });
    gone.abort(new Error("gone"));
    expect(await Promise.all(dropped)).toEqual(["Error: gone", "DEADLINE_EXCEEDED", "KEY_BUSY"]);
    expect(await Promise.all([first, last])).toEqual(["r1", "r5"]);
    expect(flights.map(({ ids }) => ids)).toEqual([[1, 5]]);
  });

  it("drops a request that waits for a blocked key as soon as its caller cancels", async () => {
    const { flights, ride, block } = recording({ maxParts: 1 });
    const [one, two] = [block("one"), block("two")];
    const gone = new AbortController();
    const waiting = [ride("one", 1), reasonOf(ride("two", 2, { signal: gone.signal }))] as const;
    await vi.waitFor(() => expect(flights.map(({ waitFor }) => waitFor)).toContain("one"));
    gone.abort(new Error("gone"));
    expect(await waiting[1]).toBe("Error: gone");
    two.release();
    one.release();
    await waiting[0];
    expect(flights.filter(({ waitFor }) => waitFor === "two")).toEqual([]);
  });

  it("refuses requests beyond the limit of those that wait, and takes more once some are settled", async () => {
    const { ride, block } = recording({ maxWaiting: 2 });
    const locked = block("locked");
    const waiting = [ride("locked", 1), ride("locked", 2)];
    const refused = ride("free", 3);
    await expect(refused).rejects.toMatchObject({ reason: "QUEUE_FULL", code: "UNAVAILABLE", retryAfterMs: 1_000 });
    locked.release();
    await Promise.all(waiting);
    expect(await ride("free", 4)).toBe("r4");
  });

  it("rejects the requests of a flight that returns a wrong number of results, without running them again", async () => {
    const run = vi.fn(async () => [] as string[]);
    const { ride } = recording({ run });
    expect(await reasonOf(ride("k", 1))).toBe('Error: Batch "test": 1 requests got 0 results.');
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("runs in the trace of its first request", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const run = async (requests: readonly Ride[]) => requests.map(() => currentTraceId() ?? "none");
    const batch = createBatch<Ride, string>({ name: "test", run, keyOf: ({ key }) => key });
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    expect(await runWithTrace({ traceparent }, () => batch({ key: "a", id: 1 }))).toBe(traceId);
  });
});
