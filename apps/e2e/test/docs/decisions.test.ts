import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { read, root } from "../delivery/files.ts";

const folder = "docs/decisions";
const names = readdirSync(`${root}/${folder}`).filter((name) => name !== "README.md");
const decisions = names.map((name) => ({ name, text: read(`${folder}/${name}`) }));

/** Each relation that a decision declares, and the one that the other decision must declare. */
const inverse = new Map([
  ["Supersedes", "Superseded by"],
  ["Superseded by", "Supersedes"],
  ["Extends", "Extended by"],
  ["Extended by", "Extends"],
]);

describe("a decision", () => {
  it.each(decisions)("$name has its number, a date, a status and four sections", ({ name, text }) => {
    expect(name).toMatch(/^\d{4}(-[a-z0-9]+)+\.md$/);
    const [title, blank, status] = text.split("\n");
    expect(title).toMatch(new RegExp(`^# ${name.slice(0, 4)} \\S`));
    expect(blank).toBe("");
    expect(status).toMatch(/^Date: \d{4}-\d{2}-\d{2}\. Status: (proposed|accepted|rejected)\.( |$)/);
    const sections = [...text.matchAll(/^(?:## |\*\*)(Context|Decision|Alternatives|Consequences)(?:$|\.\*\*)/gm)];
    expect(sections.map(([, section]) => section)).toEqual(["Context", "Decision", "Alternatives", "Consequences"]);
  });

  it("has a unique number", () => {
    const numbers = names.map((name) => name.slice(0, 4));
    expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
  });

  it("that supersedes or extends another is named by the other", () => {
    const declared = decisions.flatMap(({ name, text }) =>
      [
        ...(text.split("\n")[2] ?? "").matchAll(/(Supersedes|Superseded by|Extends|Extended by) \[\d{4}\]\(([^)]+)\)/g),
      ].map(([, relation = "", other = ""]) => ({ name, relation, other })),
    );
    expect(declared.length).toBeGreaterThan(10);
    for (const { name, relation, other } of declared)
      expect(declared).toContainEqual({ name: other, relation: inverse.get(relation), other: name });
  });
});
