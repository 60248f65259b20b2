import { eventually } from "@kontor/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Repeated, repeat } from "./repeat.ts";

let repeated: Repeated | undefined;
afterEach(() => repeated?.stop());

const NEVER = 3_600_000;
const fail = (error: unknown) => expect.fail(String(error));

describe("work that is repeated", () => {
  it("runs after the interval while there is something to do, and rests when there is not", async () => {
    let runs = 0;
    repeated = repeat(1, async () => ++runs < 5, fail, { idleMs: NEVER });
    await repeated.start();
    await eventually(() => expect(runs).toBe(5));
    let others = 0;
    const other = repeat(1, async () => ++others < 20, fail, { idleMs: NEVER });
    await other.start();
    await eventually(() => expect(others).toBe(20));
    await other.stop();
    expect(runs).toBe(5);
  });

  it("runs when it is woken from its rest", async () => {
    let runs = 0;
    repeated = repeat(1, async () => ++runs < 1, fail, { idleMs: NEVER });
    await repeated.start();
    for (let wanted = 1; wanted < 4; wanted++) {
      await eventually(() => expect(runs).toBe(wanted));
      repeated.wake();
    }
  });

  it("runs again if it is woken while it runs", async () => {
    let runs = 0;
    const first = Promise.withResolvers<boolean>();
    repeated = repeat(1, () => (++runs === 1 ? first.promise : Promise.resolve(false)), fail, { idleMs: NEVER });
    await repeated.start();
    repeated.wake();
    first.resolve(false);
    await eventually(() => expect(runs).toBe(2));
  });

  it("goes on after a failure, and stops at once while it rests", async () => {
    const failures: unknown[] = [];
    let runs = 0;
    const work = async () => {
      if (++runs === 1) throw new Error("away");
      return false;
    };
    repeated = repeat(1, work, (error) => void failures.push(error), { idleMs: NEVER });
    await repeated.start();
    await eventually(() => expect(runs).toBe(2));
    await repeated.stop();
    expect(failures).toEqual([new Error("away")]);
  });
});
