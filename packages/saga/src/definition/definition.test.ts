import { describe, expect, it } from "vitest";
import { defineSaga, fail, next, shapeOf, wait } from "../index.ts";
import { collectDefinitions } from "./definitions.ts";

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

  it("has version 1 unless it names another, which is an integer from 1", () => {
    expect(defineSaga<State, Services>({ name: "s", steps: [step] }).version).toBe(1);
    expect(defineSaga<State, Services>({ name: "s", version: 7, steps: [step] }).version).toBe(7);
    for (const version of [0, -1, 1.5, Number.NaN])
      expect(() => defineSaga<State, Services>({ name: "s", version, steps: [step] })).toThrow(`version ${version}`);
  });

  it("returns the shape that sagas in flight depend on", () => {
    const saga = defineSaga<State, Services>({ name: "s", version: 2, pivot: "charge", steps: [step] });
    const steps = [{ name: "charge", undo: false }];
    expect(shapeOf(saga)).toEqual({ name: "s", version: 2, pivot: "charge", steps });
  });

  it("is refused where two definitions have one name and version", () => {
    const saga = defineSaga<State, Services>({ name: "s", steps: [step] });
    expect(() => collectDefinitions([saga, saga])).toThrow("same name and version");
  });

  it("is refused where the pivot's intent or the end would not be stored separately", () => {
    const chained = { ...step, storedWithNext: true };
    const after = { ...step, name: "after" };
    expect(() => defineSaga<State, Services>({ name: "s", steps: [after, chained] })).toThrow("with the next");
    expect(() => defineSaga<State, Services>({ name: "s", pivot: "after", steps: [chained, after] })).toThrow(
      "with the next",
    );
    expect(() => defineSaga<State, Services>({ name: "s", steps: [chained, after] })).not.toThrow();
  });

  it("compiles only with outcomes of its state", () => {
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
