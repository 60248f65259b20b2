import { describe, expect, it } from "vitest";
import { compare } from "./migrations.ts";

const brings = [
  { name: "1_init", checksum: "a" },
  { name: "2_more", checksum: "b" },
];
const applied = brings.map((one) => ({ ...one, finished: true }));
const found = (history: typeof applied) =>
  compare("database of orders", brings, history, "migrate").map(({ severity, problem }) => `${severity}: ${problem}`);

describe("comparing an image's migrations with a database", () => {
  it("finds nothing when they are the same", () => expect(found(applied)).toEqual([]));

  it("names a migration that is not applied", () =>
    expect(found(applied.slice(0, 1))).toEqual(["error: Migration 2_more is not applied."]));

  it("names a changed one", () =>
    expect(found([{ name: "1_init", checksum: "x", finished: true }, ...applied.slice(1)])).toEqual([
      "error: Migration 1_init was changed after it was applied.",
    ]));

  it("takes a copy that was applied under another name for the migration of a package", () =>
    expect(found([{ name: "1_copy", checksum: "a", finished: true }, ...applied.slice(1)])).toEqual([]));

  it("names one that failed halfway", () =>
    expect(found([...applied.slice(0, 1), { name: "2_more", checksum: "b", finished: false }])).toEqual([
      "error: Migration 2_more failed halfway.",
    ]));

  it("only warns of newer ones, which a rollback leaves", () =>
    expect(found([...applied, { name: "3_new", checksum: "c", finished: true }])).toEqual([
      "warning: It has 3_new, which the running image does not bring: a newer one was here.",
    ]));
});
