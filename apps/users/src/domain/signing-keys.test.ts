import { describe, expect, it } from "vitest";
import { nextActivation, published, rotationPolicy } from "./signing-keys.ts";

const DAY = 86_400_000;
const MINUTE = 60_000;
const policy = rotationPolicy(30 * DAY, 10 * MINUTE);
const start = new Date("2026-11-21T00:00:00Z");
const after = (ms: number) => new Date(start.getTime() + ms);
const key = (kid: string, ms: number) => ({ kid, activeFrom: after(ms) });
const kids = (keys: readonly { kid: string }[]) => keys.map(({ kid }) => kid);

describe("a new signing key", () => {
  it("is made at once if there is none, and signs at once", () => {
    expect(nextActivation([], start, policy)).toEqual(start);
  });

  it("is made ten minutes before its predecessor's time is over, and then only one", () => {
    const first = key("first", 0);
    expect(nextActivation([first], after(30 * DAY - 10 * MINUTE - 1), policy)).toBeUndefined();
    expect(nextActivation([first], after(30 * DAY - 10 * MINUTE), policy)).toEqual(after(30 * DAY));
    expect(nextActivation([first, key("next", 30 * DAY)], after(30 * DAY - 1), policy)).toBeUndefined();
  });

  it("is published for ten minutes even if it comes late", () => {
    expect(nextActivation([key("old", 0)], after(90 * DAY), policy)).toEqual(after(90 * DAY + 10 * MINUTE));
  });
});

describe("published keys", () => {
  const keys = [key("first", 0), key("second", 30 * DAY)];

  it("begin with the current one and include the next", () => {
    expect(kids(published(keys, after(30 * DAY - 1), policy))).toEqual(["first", "second"]);
    expect(kids(published(keys, after(30 * DAY), policy))).toEqual(["second", "first"]);
  });

  it("include an old one until its last token has expired everywhere", () => {
    expect(kids(published(keys, after(30 * DAY + 12 * MINUTE - 1), policy))).toEqual(["second", "first"]);
    expect(kids(published(keys, after(30 * DAY + 12 * MINUTE), policy))).toEqual(["second"]);
  });
});
