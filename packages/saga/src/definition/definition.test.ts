import { describe, expect, it } from "vitest";
import { defineSaga, fail, next, wait } from "../index.ts";

type State = { total: string };
type Services = { charge(total: string): Promise<void> };
const step = { name: "charge", run: (s: State, to: Services) => to.charge(s.total) };

describe("defining a saga", () => {
  it("finds the pivot, and refuses one that is not a step", () => {
    expect(defineSaga<State, Services>({ name: "s", pivot: "charge", steps: [step] }).pivotIndex).toBe(0);
    expect(() => defineSaga<State, Services>({ name: "s", pivot: "chrage", steps: [step] })).toThrow("no step chrage");
  });

  it("refuses two steps of one name, and none", () => {
    expect(() => defineSaga<State, Services>({ name: "s", steps: [step, step] })).toThrow("same name");
    expect(() => defineSaga<State, Services>({ name: "s", steps: [] })).toThrow("no steps");
  });

  it("compiles only with outcomes of its own state", () => {
    defineSaga<State, Services>({
      name: "s",
      steps: [
        { name: "a", run: async () => next({ total: "1" }) },
        { name: "b", run: async () => wait({ until: 5, reason: "r" }) },
        { name: "c", run: async () => fail("NO", "No.") },
        // @ts-expect-error the state has no such field
        { name: "d", run: async () => next({ sum: "1" }) },
        // @ts-expect-error the services have no such method
        { name: "e", run: (_s, to) => to.refund() },
      ],
    });
  });
});
