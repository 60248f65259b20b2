import { describe, expect, it } from "vitest";
import { warmUp } from "./warm-up.ts";

describe("warming up", () => {
  it("does each work until it succeeds", async () => {
    let tries = 0;
    const failures = await warmUp(10_000, [
      async () => {
        tries += 1;
        if (tries < 3) throw new Error("not yet");
      },
    ]);
    expect(tries).toBe(3);
    expect(failures).toEqual([]);
  });

  it("ends failing or hanging work in time, and returns the reason", async () => {
    const never = new Error("never");
    expect(await warmUp(250, [() => Promise.reject(never), async () => {}])).toEqual([never]);
    expect(await warmUp(250, [() => new Promise(() => {})])).toEqual([new Error("It took too long.")]);
  });

  it("does nothing when there is no time for it", async () => {
    expect(await warmUp(0, [() => Promise.reject(new Error("was tried"))])).toEqual([]);
  });
});
