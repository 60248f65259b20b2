import { describe, expect, it, vi } from "vitest";
import { createBreaker, type Lesson } from "./breaker.ts";

function aBreaker() {
  let at = 0;
  const states: string[] = [];
  const breaker = createBreaker((state) => states.push(state), { now: () => at });
  /** A call that lasts for a time and shows something. */
  const call = (ms: number, lesson: Lesson) => {
    const learn = breaker.begin();
    at += ms;
    learn(lesson);
  };
  return { breaker, states, call, pass: (ms: number) => (at += ms) };
}

describe("a breaker", () => {
  it("opens with the first time-out of a callee that responded to nothing, and ends the calls that wait for it", () => {
    const { breaker, states, pass } = aBreaker();
    const first = breaker.begin();
    pass(1_000);
    const onSilence = vi.fn();
    breaker.begin(onSilence);
    const ended = vi.fn();
    breaker.begin(ended)("success");
    pass(1);
    const second = breaker.begin();
    pass(1_000);
    second("timeout");
    first("timeout");
    expect(states).toEqual(["OPEN"]);
    expect(onSilence).toHaveBeenCalledOnce();
    expect(ended).not.toHaveBeenCalled();
    expect(breaker.waitMs()).toBe(1_000);
  });

  it.each(["success", "refusal"] as const)(
    "stays closed after one call timed out while others end in a %s",
    (lesson) => {
      const { breaker, states, call, pass } = aBreaker();
      const slow = breaker.begin();
      pass(2_000);
      for (let n = 0; n < 3; n++) call(10, "success");
      call(10, lesson);
      pass(3_000);
      slow("timeout");
      expect(states).toEqual([]);
    },
  );

  it("takes a time-out after less than a second for one failure among others", () => {
    const { states, call } = aBreaker();
    for (let n = 0; n < 9; n++) call(50, "timeout");
    expect(states).toEqual([]);
    call(50, "timeout");
    expect(states).toEqual(["OPEN"]);
  });

  it("opens when half of ten calls failed, were turned away or timed out", () => {
    const { states, call } = aBreaker();
    for (let n = 0; n < 5; n++) call(1, "success");
    for (const lesson of ["failure", "refusal", "timeout", "failure"] as const) call(1, lesson);
    call(1, "nothing");
    expect(states).toEqual([]);
    call(1, "refusal");
    expect(states).toEqual(["OPEN"]);
  });

  it("allows one call per period while it is half open, and other calls do not wait for it", () => {
    const { breaker, states, pass, call } = aBreaker();
    call(1_000, "timeout");
    pass(1_000);
    expect(breaker.waitMs()).toBe(0);
    const lost = breaker.begin();
    expect([breaker.state, breaker.waitMs()]).toEqual(["HALF_OPEN", 2_000]);
    pass(2_000);
    // The probe gets no response. The next one need not wait for its time-out.
    const probe = breaker.begin();
    expect(breaker.waitMs()).toBeGreaterThan(0);
    probe("success");
    lost("timeout");
    expect([states.at(-1), breaker.waitMs()]).toEqual(["CLOSED", 0]);
  });

  it("allows the next probe at once when one was cancelled", () => {
    const { breaker, pass, call } = aBreaker();
    call(1_000, "timeout");
    pass(1_000);
    breaker.begin()("nothing");
    expect([breaker.state, breaker.waitMs()]).toEqual(["HALF_OPEN", 0]);
  });

  it("stays open for twice as long each time, up to ten seconds", () => {
    const { breaker, call, pass } = aBreaker();
    call(1_000, "timeout");
    const waits = Array.from({ length: 6 }, () => {
      const waitMs = breaker.waitMs();
      pass(waitMs);
      call(0, "failure");
      return waitMs;
    });
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });
});
