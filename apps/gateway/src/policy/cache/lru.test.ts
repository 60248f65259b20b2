import { describe, expect, it } from "vitest";
import { GroupedLru } from "./lru.ts";

describe("values within a limit of bytes", () => {
  it("lose the least recently used one first", () => {
    const lru = new GroupedLru<string>(80);
    for (const key of "abcdefgh") lru.set(key, key, 10, "g");
    lru.get("a");
    lru.set("i", "i", 10, "g");
    expect(["a", "b", "i"].map((key) => lru.get(key))).toEqual(["a", undefined, "i"]);
    expect(lru.bytes).toBe(80);
  });

  it("do not include one of an eighth of the limit", () => {
    const lru = new GroupedLru<string>(80);
    lru.set("a", "small", 10, "g");
    lru.set("a", "large", 11, "g");
    expect([lru.get("a"), lru.bytes]).toEqual([undefined, 0]);
  });

  it("drops a group at once", () => {
    const lru = new GroupedLru<string>(80);
    lru.set("a", "1", 10, "g");
    lru.set("b", "2", 10, "g");
    lru.set("c", "3", 10, "h");
    expect(lru.deleteGroup("g")).toBe(2);
    expect(["a", "b", "c"].map((key) => lru.get(key))).toEqual([undefined, undefined, "3"]);
    expect([lru.bytes, lru.deleteGroup("g")]).toEqual([10, 0]);
  });
});
