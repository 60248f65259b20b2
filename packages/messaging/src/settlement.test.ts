import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { type EventHandler, on, onBatch, onJoined } from "./consumer-definition.ts";
import { stepsOf } from "./settlement.ts";

const single = on(StringValueSchema, async () => {});
const batched = onBatch(StringValueSchema, async () => {});
const item = (name: string, handler: EventHandler) => ({ name, received: { key: name.slice(0, 1) }, handler });
const names = (steps: readonly (readonly { name: string }[])[]) => steps.map((step) => step.map(({ name }) => name));

describe("the steps of a batch", () => {
  it("are one for each message, unless its handler takes several", () => {
    const steps = stepsOf([item("a1", single), item("b1", batched), item("c1", single), item("d1", batched)]);
    expect(names(steps)).toEqual([["a1"], ["b1", "d1"], ["c1"]]);
  });

  it("keep the order of a key whose messages have different handlers", () => {
    const other = onBatch(StringValueSchema, async () => {});
    const items = [item("a1", batched), item("a2", other), item("a3", batched), item("b1", other), item("b2", other)];
    expect(names(stepsOf(items))).toEqual([["a1"], ["b1", "b2"], ["a2"], ["a3"]]);
  });

  it("are shared by joined handlers, one message of a key after the other", () => {
    const [joined, other] = [onJoined(StringValueSchema, async () => {}), onJoined(StringValueSchema, async () => {})];
    const items = [item("a1", joined), item("a2", joined), item("b1", other), item("c1", joined), item("d1", single)];
    expect(names(stepsOf(items))).toEqual([["a1", "b1", "c1"], ["d1"], ["a2"]]);
  });
});
