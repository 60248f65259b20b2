import { describe, expect, it } from "vitest";
import { joinNext } from "./join-next.ts";

describe("work that callers join", () => {
  it("begins after each of its callers, and runs once for all that waited", async () => {
    const runs: PromiseWithResolvers<number>[] = [];
    const join = joinNext(() => {
      const run = Promise.withResolvers<number>();
      runs.push(run);
      return run.promise;
    });
    const first = join();
    const later = [join(), join(), join()];
    expect(runs).toHaveLength(1);
    runs[0]?.resolve(1);
    expect(await first).toBe(1);
    await Promise.resolve();
    expect(runs).toHaveLength(2);
    runs[1]?.resolve(2);
    expect(await Promise.all(later)).toEqual([2, 2, 2]);
  });

  it("fails its own callers only", async () => {
    let runs = 0;
    const join = joinNext(async () => {
      runs += 1;
      if (runs === 1) throw new Error("lost");
      return runs;
    });
    const [first, second] = await Promise.allSettled([join(), join()]);
    expect([first.status, second]).toEqual(["rejected", { status: "fulfilled", value: 2 }]);
  });
});
