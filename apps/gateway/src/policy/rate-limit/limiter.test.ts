import { describe, expect, it } from "vitest";
import type { RateLimitClass } from "./classes.ts";
import { createLimiter, type SharedCounters } from "./limiter.ts";

const MINUTE = 60_000;
const limits = (limit: number, more: Partial<RateLimitClass> = {}): RateLimitClass => ({
  ...{ name: "default", limit, windowMs: MINUTE, failClosed: false },
  ...more,
});

function aStore() {
  const sums = new Map<string, number>();
  const store = { calls: 0, away: false, sums };
  const counters: SharedCounters = {
    available: () => true,
    async add(name, n) {
      store.calls++;
      if (store.away) throw new Error("away");
      sums.set(name, (sums.get(name) ?? 0) + n);
      return sums.get(name) ?? 0;
    },
  };
  return { store, counters };
}

async function admitted(limiter: ReturnType<typeof createLimiter>, limit: RateLimitClass, times: number) {
  const verdicts = await Promise.all(Array.from({ length: times }, () => limiter.take(limit, "ada")));
  return verdicts.filter(({ allowed }) => allowed).length;
}

describe("replicas that share counters", () => {
  it("together admit the limit of the class, and not one more", async () => {
    const { counters } = aStore();
    const replicas = [1, 2, 3].map(() => createLimiter(counters, () => 0));
    const each = await Promise.all(replicas.map((replica) => admitted(replica, limits(100), 60)));
    const first = each.reduce((sum, n) => sum + n);
    const rest = await Promise.all(replicas.map((replica) => admitted(replica, limits(100), 60)));
    const total = rest.reduce((sum, n) => sum + n, first);
    expect(total).toBeLessThanOrEqual(100);
    expect(total).toBeGreaterThanOrEqual(95);
  });

  it("lease many requests at a time while many are left", async () => {
    const { store, counters } = aStore();
    const limiter = createLimiter(counters, () => 0);
    for (let i = 0; i < 600; i++) expect((await limiter.take(limits(600), "ada")).allowed).toBe(true);
    expect((await limiter.take(limits(600), "ada")).allowed).toBe(false);
    expect(store.calls).toBeLessThan(70);
  });

  it("query no store once the limit is known to be reached", async () => {
    const { store, counters } = aStore();
    const limiter = createLimiter(counters, () => 0);
    await admitted(limiter, limits(3), 4);
    const { calls } = store;
    expect(await admitted(limiter, limits(3), 100)).toBe(0);
    expect(store.calls).toBe(calls);
  });

  it("begin again with each window, and report the time until then", async () => {
    const { counters } = aStore();
    let now = 10_000;
    const limiter = createLimiter(counters, () => now);
    expect(await admitted(limiter, limits(2), 3)).toBe(2);
    expect(await limiter.take(limits(2), "ada")).toMatchObject({ allowed: false, remaining: 0, resetMs: 50_000 });
    now = MINUTE;
    expect(await limiter.take(limits(2), "ada")).toMatchObject({ allowed: true, remaining: 1, resetMs: MINUTE });
  });

  it("count callers and classes apart", async () => {
    const limiter = createLimiter(aStore().counters, () => 0);
    expect(await admitted(limiter, limits(1), 2)).toBe(1);
    expect((await limiter.take(limits(1), "bob")).allowed).toBe(true);
    expect((await limiter.take(limits(1, { name: "orders" }), "ada")).allowed).toBe(true);
  });
});

describe("while the counters are away", () => {
  it("a replica counts alone, up to the whole limit", async () => {
    const { store, counters } = aStore();
    store.away = true;
    const limiter = createLimiter(counters, () => 0);
    expect(await admitted(limiter, limits(5), 9)).toBe(5);
    expect(store.calls).toBe(1);
  });

  it("a class that fails closed is refused", async () => {
    const { store, counters } = aStore();
    store.away = true;
    const limiter = createLimiter(counters, () => 0);
    await expect(limiter.take(limits(5, { failClosed: true }), "ada")).rejects.toMatchObject({
      reason: "RATE_LIMIT_UNAVAILABLE",
    });
  });

  it("requests admitted without the counters are added when these return", async () => {
    const { store, counters } = aStore();
    let now = 0;
    store.away = true;
    const limiter = createLimiter(
      counters,
      () => now,
      () => now,
    );
    expect(await admitted(limiter, limits(10), 4)).toBe(4);
    store.away = false;
    now = 2_000;
    await limiter.take(limits(10), "ada");
    expect([...store.sums.values()]).toEqual([5]);
    expect(await admitted(limiter, limits(10), 20)).toBe(5);
  });
});

describe("a gateway whose clock is set back by an hour", () => {
  it("uses the shared counters again a second after they were away", async () => {
    const { store, counters } = aStore();
    let now = 10 * MINUTE;
    let elapsed = 0;
    const limiter = createLimiter(
      counters,
      () => now,
      () => elapsed,
    );
    store.away = true;
    await limiter.take(limits(10), "ada");
    store.away = false;
    now -= 60 * MINUTE;
    elapsed += 1_000;
    expect(await limiter.take(limits(10), "ada")).toMatchObject({ allowed: true, local: false });
  });
});

describe("without shared counters", () => {
  it("also a class that fails closed is counted here", async () => {
    const limiter = createLimiter(undefined, () => 0);
    expect(await admitted(limiter, limits(5, { failClosed: true }), 9)).toBe(5);
  });
});
