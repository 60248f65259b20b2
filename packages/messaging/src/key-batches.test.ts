import { describe, expect, it } from "vitest";
import { createKeyBatches, createSlots } from "./key-batches.ts";

/** Batches that the test ends. */
function gated({ concurrency = 2, maxBatch = 64, slots = createSlots(concurrency) } = {}) {
  const flights: { readonly items: readonly string[]; end(left?: readonly string[]): void }[] = [];
  const batches = createKeyBatches<string>({
    slots,
    maxBatch,
    run: (items) =>
      new Promise((resolve) => {
        flights.push({ items, end: (left = []) => resolve(left) });
      }),
  });
  const add = (...items: string[]) => {
    for (const item of items) batches.add(item.slice(0, 1), item);
  };
  return { flights, add, batches, flown: () => flights.map(({ items }) => items.join(" ")) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const letters = (n: number) => Array.from({ length: n }, (_, index) => String.fromCharCode(65 + index));

describe("batches by key", () => {
  it("take the items of one turn of the loop together, and wait for no others", async () => {
    const { add, flown } = gated();
    add("a1", "b1");
    await turn();
    add("c1");
    await turn();
    expect(flown()).toEqual(["a1 b1", "c1"]);
  });

  it("delay a key that a batch has, and no others", async () => {
    const { add, flights, flown } = gated();
    add("a1");
    await turn();
    add("a2", "b1", "a3");
    await turn();
    expect(flown()).toEqual(["a1", "b1"]);
    flights[0]?.end();
    await turn();
    expect(flown()).toEqual(["a1", "b1", "a2 a3"]);
  });

  it("share a backlog, but not one of a few items", async () => {
    const { add, flights } = gated({ concurrency: 2 });
    add(...letters(40));
    await turn();
    expect(flights.map(({ items }) => items.length)).toEqual([20, 20]);
    for (const { end } of flights.splice(0)) end();
    await turn();
    add(...letters(8));
    await turn();
    expect(flights.map(({ items }) => items.length)).toEqual([8]);
  });

  it("leave their share to other slots while one is free", async () => {
    const { add, flights } = gated({ concurrency: 2 });
    add("a1");
    await turn();
    add(...letters(40));
    await turn();
    expect(flights.map(({ items }) => items.length)).toEqual([1, 20]);
  });

  it("are never larger than the limit", async () => {
    const { add, flights } = gated({ concurrency: 1, maxBatch: 8 });
    add(...letters(20));
    await turn();
    expect(flights[0]?.items).toHaveLength(8);
  });

  it("repeat the items that a batch left first, in order", async () => {
    const { add, flights, flown } = gated({ concurrency: 1 });
    add("a1", "a2", "b1");
    await turn();
    add("a3");
    flights[0]?.end(["a2", "b1"]);
    await turn();
    expect(flown().at(-1)).toBe("a2 b1 a3");
  });

  it("share the slots of a process with others, in turn", async () => {
    const slots = createSlots(1);
    const [one, other] = [gated({ slots }), gated({ slots })];
    one.add("a1");
    await turn();
    one.add("a2", "b1");
    other.add("c1");
    await turn();
    expect([...one.flown(), ...other.flown()]).toEqual(["a1"]);
    one.flights[0]?.end();
    await turn();
    expect([one.flights.length + other.flights.length, slots.free]).toEqual([2, 0]);
    one.flights[1]?.end();
    other.flights[0]?.end();
    await turn();
    await turn();
    expect(one.flown()).toEqual(["a1", "a2 b1"]);
    expect(other.flown()).toEqual(["c1"]);
  });

  it("are idle once nothing runs or waits", async () => {
    const { add, flights, batches } = gated({ concurrency: 1 });
    await batches.idle();
    add("a1");
    let idle = false;
    void batches.idle().then(() => {
      idle = true;
    });
    await turn();
    expect(idle).toBe(false);
    flights[0]?.end();
    await turn();
    expect(idle).toBe(true);
  });
});
