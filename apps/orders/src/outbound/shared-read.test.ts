import { rpcErrors } from "@kontor/rpc";
import { describe, expect, it } from "vitest";
import { createSharedRead, createSingleRead } from "./shared-read.ts";

describe("a read that orders share", () => {
  const shared = (call: (requests: readonly (readonly string[])[]) => Promise<readonly string[]>) =>
    createSharedRead<readonly string[], string>({ name: "test", sizeOf: (items) => items.length, call });

  it("is one call for those that are placed at the same time", async () => {
    const calls: number[] = [];
    const read = shared(async (requests) => {
      calls.push(requests.length);
      return requests.map((items) => items.join());
    });
    const results = await Promise.all(["a", "b", "c"].map((item) => read([item, "x"])));
    expect(results).toEqual(["a,x", "b,x", "c,x"]);
    expect(calls).toEqual([3]);
  });

  it("has at most 100 elements in a call", async () => {
    const sizes: number[] = [];
    const read = shared(async (requests) => {
      sizes.push(requests.flat().length);
      return requests.map(() => "");
    });
    await Promise.all([60, 60, 40, 100, 1].map((size) => read(Array.from({ length: size }, () => "sku"))));
    expect(sizes).toEqual([60, 100, 100, 1]);
  });

  it("leaves one poisonous request among 64 alone", async () => {
    let calls = 0;
    const read = shared(async (requests) => {
      calls += 1;
      if (requests.flat().includes("poison")) throw new Error("refused");
      return requests.map(() => "good");
    });
    const items = Array.from({ length: 64 }, (_, n) => (n === 40 ? "poison" : "fine"));
    const results = await Promise.allSettled(items.map((item) => read([item])));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(63);
    expect(results[40]?.status).toBe("rejected");
    expect(calls).toBeLessThanOrEqual(1 + 2 * Math.log2(64));
  });
});

describe("a read of equal requests", () => {
  it("is one call while it is under way, and another one afterwards", async () => {
    let calls = 0;
    const read = createSingleRead<string, number>(
      (request) => request,
      async () => ++calls,
    );
    expect(await Promise.all(["a", "a", "b"].map(read))).toEqual([1, 1, 2]);
    expect(await read("a")).toBe(3);
  });

  it("fails for all that share it, and is made again for the next", async () => {
    let calls = 0;
    const read = createSingleRead<string, number>(
      (request) => request,
      async () => {
        calls += 1;
        if (calls === 1) throw new Error("unreachable");
        return calls;
      },
    );
    const results = await Promise.allSettled(["a", "a"].map(read));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await read("a")).toBe(2);
  });

  it("is repeated by each caller for itself when it failed for a transient reason", async () => {
    const calls: unknown[] = [];
    const read = createSingleRead<string, string>(String, async (request, options) => {
      calls.push(options);
      if (options.untilDeadline !== true) throw rpcErrors.OVERLOADED({ retryAfterMs: 1 });
      return request;
    });
    expect(await Promise.all(["a", "a"].map(read))).toEqual(["a", "a"]);
    expect(calls).toEqual([{ idempotent: false }, { untilDeadline: true }, { untilDeadline: true }]);
  });
});
