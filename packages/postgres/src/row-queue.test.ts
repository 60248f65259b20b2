import { describe, expect, it } from "vitest";
import { createRowQueue } from "./row-queue.ts";

describe("a queue for a row", () => {
  it("runs work on one row in the order of arrival, and work on other rows next to it", async () => {
    const queue = createRowQueue();
    const [first, log] = [Promise.withResolvers<void>(), [] as string[]];
    const a1 = queue.run("a", () => first.promise.then(() => log.push("a1")));
    const a2 = queue.run("a", async () => log.push("a2"));
    await queue.run("b", async () => log.push("b"));
    expect(log).toEqual(["b"]);
    first.resolve();
    await Promise.all([a1, a2]);
    expect(log).toEqual(["b", "a1", "a2"]);
  });

  it("continues after work that failed", async () => {
    const queue = createRowQueue();
    const failed = queue.run("a", async () => Promise.reject(new Error("no")));
    const next = queue.run("a", async () => "done");
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("done");
  });

  it("begins no work whose caller has cancelled", async () => {
    const queue = createRowQueue();
    const [first, caller] = [Promise.withResolvers<void>(), new AbortController()];
    const running = queue.run("a", () => first.promise);
    let begun = false;
    const waiting = queue.run("a", async () => (begun = true), caller.signal);
    caller.abort(new Error("gone"));
    first.resolve();
    await running;
    await expect(waiting).rejects.toThrow("gone");
    expect(begun).toBe(false);
  });
});
