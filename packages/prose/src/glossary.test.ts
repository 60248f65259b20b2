import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../../../", import.meta.url);
const rows = readFileSync(new URL("docs/glossary.md", root), "utf8").matchAll(/^\| (.+?) \| (.+) \| `(.+)` \|$/gm);
const terms = [...rows].map(([, term = "", meaning = "", path = ""]) => ({ term, meaning, path }));

it("the glossary names places that exist", () => {
  expect(terms.filter(({ path }) => !existsSync(new URL(path, root)))).toEqual([]);
});

it("the glossary lists each term once, in alphabetical order within its table", () => {
  const names = terms.map(({ term }) => term.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  const start = names.indexOf("admission");
  for (const part of [names.slice(0, start), names.slice(start)]) expect(part).toEqual(part.toSorted());
});

it("the glossary explains each term in one sentence", () => {
  expect(terms.length).toBeGreaterThan(60);
  expect(terms.filter(({ meaning }) => !/^[^.]+\.$/.test(meaning.replaceAll(/`[^`]*`/g, "")))).toEqual([]);
});
