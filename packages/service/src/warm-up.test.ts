import { describe, expect, it } from "vitest";
import { warmUp } from "./warm-up.ts";

describe("warming up", () => {
  it("does each work until it succeeds", async () => {
    let tries = 0;
    const succeeded = await warmUp(10_000, [
      async () => {
        tries += 1;
        if (tries < 3) throw new Error("not yet");
      },
    ]);
    expect(tries).toBe(3);
    expect(succeeded).toBe(true);
  });

  it("gives up in time on what fails or hangs, and says so", async () => {
    expect(await warmUp(250, [() => Promise.reject(new Error("never")), async () => {}])).toBe(false);
    expect(await warmUp(250, [() => new Promise(() => {})])).toBe(false);
  });

  it("does nothing when there is no time for it", async () => {
    expect(await warmUp(0, [() => Promise.reject(new Error("was tried"))])).toBe(true);
  });
});
