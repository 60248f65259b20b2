import { describe, expect, it } from "vitest";
import { warmUp } from "./warm-up.ts";

describe("warming up", () => {
  it("does each work until it succeeds", async () => {
    let tries = 0;
    await warmUp(10_000, [
      async () => {
        tries += 1;
        if (tries < 3) throw new Error("not yet");
      },
    ]);
    expect(tries).toBe(3);
  });

  it("gives up in time on what fails or hangs", async () => {
    await warmUp(250, [() => Promise.reject(new Error("never")), () => new Promise(() => {})]);
  });

  it("does nothing when there is no time for it", async () => {
    await warmUp(0, [() => Promise.reject(new Error("was tried"))]);
  });
});
