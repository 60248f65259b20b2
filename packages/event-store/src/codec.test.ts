import { describe, expect, it } from "vitest";
import { defineEvents, type EventShape, goldenFaults } from "./index.ts";

type Counted = { type: "counted"; by: number; note?: string };
const shape: EventShape<{ by: number; note?: string }> = {
  encode: (facts) => facts,
  decode: (data) => {
    if (typeof data !== "object" || data === null || !("by" in data) || typeof data.by !== "number")
      throw new Error("by is missing");
    return { by: data.by, ...("note" in data && { note: String(data.note) }) };
  },
};
const raised = { 1: ({ amount }: { [key: string]: unknown }) => ({ by: Number(amount) }) };

describe("defining events", () => {
  it("refuses a version that is no integer from 1", () => {
    for (const version of [0, -1, 1.5])
      expect(() => defineEvents<Counted>({ counted: { version, shape } })).toThrow(`counted has version ${version}`);
  });

  it("refuses a version without an upcaster for each older one, and an upcaster of no older version", () => {
    expect(() => defineEvents<Counted>({ counted: { version: 2, shape } })).toThrow("see 1");
    expect(() => defineEvents<Counted>({ counted: { version: 3, shape, upcasters: raised } })).toThrow("see 2");
    expect(() => defineEvents<Counted>({ counted: { shape, upcasters: raised } })).toThrow("see 1");
  });

  it("compiles only with a definition of each type, in its own shape", () => {
    // @ts-expect-error no definition of counted
    defineEvents<Counted>({});
    // @ts-expect-error the shape lacks `by`
    defineEvents<Counted>({ counted: { shape: { encode: () => ({}), decode: () => ({}) } } });
  });
});

describe("golden files", () => {
  const codec = defineEvents<Counted>({ counted: { version: 2, shape, upcasters: raised } });
  const full: Counted = { type: "counted", by: 1, note: "n" };
  const first = { file: "counted.v1.json", type: "counted", schemaVersion: 1, data: { amount: 1 } };
  const second = { file: "counted.v2.json", type: "counted", schemaVersion: 2, data: { by: 1, note: "n" } };
  const golden = [
    { ...first, event: { type: "counted", by: 1 } },
    { ...second, event: full },
  ];

  it("hold every shape of a codec that has not changed", () => {
    expect(goldenFaults(codec, golden, [full])).toEqual([]);
  });

  it("miss a version or a type that none of them holds", () => {
    expect(goldenFaults(codec, golden.slice(1), [full])).toEqual(["No golden file holds counted of version 1."]);
    expect(goldenFaults(codec, golden, [])).toEqual(["No sample is of the type counted."]);
  });

  it("miss a new fact of the current version", () => {
    const changed = { ...shape, encode: (facts: object) => ({ ...facts, unit: "piece" }) };
    const next = defineEvents<Counted>({ counted: { version: 2, shape: changed, upcasters: raised } });
    expect(goldenFaults(next, golden, [full])).toEqual([
      expect.stringContaining("No golden file holds this shape of counted"),
    ]);
  });

  it("find a shape that no longer decodes, and one that is read as another event", () => {
    const renamed = { ...shape, decode: () => shape.decode({}) };
    const broken = defineEvents<Counted>({ counted: { version: 2, shape: renamed, upcasters: raised } });
    expect(goldenFaults(broken, golden, [full])).toEqual([
      expect.stringContaining("counted.v1.json no longer decodes"),
      expect.stringContaining("counted.v2.json no longer decodes"),
    ]);
    const wrong = { 1: () => ({ by: 2 }) };
    const other = defineEvents<Counted>({ counted: { version: 2, shape, upcasters: wrong } });
    expect(goldenFaults(other, golden, [full])).toEqual(['counted.v1.json is read as {"by":2,"type":"counted"}.']);
  });
});
