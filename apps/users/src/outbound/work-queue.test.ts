import { describe, expect, it } from "vitest";
import { createWorkQueue } from "./work-queue.ts";

describe("a work queue", () => {
  it("runs up to `workers` at once, queues up to `queue`, and refuses the rest", async () => {
    const inTurn = createWorkQueue({ workers: 2, queue: 1 }, () => new Error("full"));
    const begun: number[] = [];
    const finish: (() => void)[] = [];
    const work = (n: number) =>
      inTurn(() => {
        begun.push(n);
        return new Promise<void>((resolve) => finish.push(resolve));
      });

    const first = work(1);
    const all = [first, work(2), work(3)];
    await expect(work(4)).rejects.toThrow("full");
    expect(begun).toEqual([1, 2]);

    finish[0]?.();
    await first;
    await expect.poll(() => begun).toEqual([1, 2, 3]);
    for (const end of finish) end();
    await Promise.all(all);
  });

  it("goes on after a failure", async () => {
    const inTurn = createWorkQueue({ workers: 1, queue: 1 }, () => new Error("full"));
    const failing = inTurn(() => Promise.reject(new Error("broken")));
    const next = inTurn(async () => "done");
    await expect(failing).rejects.toThrow("broken");
    expect(await next).toBe("done");
  });
});
