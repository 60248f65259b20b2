import { describe, expect, it } from "vitest";
import { lintText } from "./lint.ts";
import { parseVocabulary, type Vocabulary } from "./vocabulary.ts";

const vocabulary: Vocabulary = {
  terms: [
    { not: "bell", use: "wake-up signal", names: true, pending: ["old/"] },
    { not: "links?", use: "connection", unless: "symbolic link" },
    { not: "may turn", use: "revocable", onlyNames: true },
    { not: "for good", use: "permanently" },
  ],
  sentences: { maxWords: 8, paths: ["docs/", "src/"] },
  functionComments: { paths: ["src/"] },
};
const problems = async (path: string, text: string) =>
  (await lintText(path, text, vocabulary)).map(({ line, column, message }) => `${line}:${column} ${message}`);

describe("words of the vocabulary", () => {
  it("are found in Markdown, with their place", async () => {
    expect(await problems("a.md", "# A title\n\nRings the bell.\n")).toEqual(['3:11 "bell": use wake-up signal.']);
  });
  it("are no problem in code of Markdown, or inside of longer words", async () => {
    expect(await problems("a.md", "`bell` and bellow\n\n```\nbell\n```\n")).toEqual([]);
  });
  it("are found in comments, messages and names of TypeScript, with their place", async () => {
    const source = ["// A bell", 'log("the bell");', "log(`see a bell`);", "/** A", " * bell. */", "bell();"].join(
      "\n",
    );
    expect(await problems("a.ts", source)).toEqual([
      '1:6 "bell": use wake-up signal.',
      '2:10 "bell": use wake-up signal.',
      '3:12 "bell": use wake-up signal.',
      '5:4 "bell": use wake-up signal.',
      "6:1 the name bell: use wake-up signal.",
    ]);
  });
  it.each([
    ["a.proto", "// A bell.\nmessage Bell {}\n"],
    ["a.sql", "-- A bell.\nSELECT 1;\n"],
    ["a.prisma", "/// A bell.\n"],
    ["a.yaml", "# A bell.\na: 1\n"],
    ["a.yaml", "summary: A bell that rings\n"],
    ["a.tpl", "{{- /* A bell. */ -}}\n"],
  ])("are found in %s: %j", async (path, source) => {
    expect(await problems(path, source)).toEqual([expect.stringContaining('"bell": use wake-up signal.')]);
  });
  it("are found across the lines of a comment", async () => {
    expect(await problems("a.ts", "// It waits for\n// good.\n")).toEqual([expect.stringContaining("use permanently")]);
  });
  it("are right in the surroundings that the term names", async () => {
    expect(await problems("a.md", "A symbolic link.\n")).toEqual([]);
    expect(await problems("a.md", "A link to NATS.\n")).toEqual(['1:3 "link": use connection.']);
  });
  it("are found in names where the term says so", async () => {
    expect(await problems("a.ts", "const mayTurn = 1; // It may turn.\n")).toEqual([
      "1:7 the name mayTurn: use revocable.",
    ]);
    expect(await problems("src/bell.ts", "")).toEqual([expect.stringContaining("the name src/bell.ts")]);
  });
  it("are accepted in the paths that still contain them", async () => {
    expect(await problems("old/a.md", "A bell.\n")).toEqual([]);
  });
});

describe("the length of sentences", () => {
  it("is limited within its scope, code and list markers aside", async () => {
    const long = "One two three four five six seven eight nine.";
    expect(await problems("docs/a.md", `${long}\n`)).toEqual([expect.stringContaining("9 words in one sentence")]);
    expect(await problems("other/a.md", `${long}\n`)).toEqual([]);
    expect(await problems("docs/a.md", "One two `a b c d e` four: five six seven. Eight nine · ten.\n")).toEqual([]);
  });
  it("is limited over the lines of a comment", async () => {
    const source = "// One two three four five\n// six seven eight nine.\n";
    expect(await problems("src/a.ts", source)).toEqual([expect.stringContaining("9 words in one sentence")]);
  });
});

describe("the comment of a function", () => {
  it("begins with a verb in the third person", async () => {
    expect(await problems("src/a.ts", "/** Returns a. */\nexport function a() {}\n")).toEqual([]);
    expect(await problems("src/a.ts", "/** The value of a. */\nexport async function a() {}\n")).toEqual([
      expect.stringContaining('not with "The"'),
    ]);
  });
});

describe("a vocabulary", () => {
  it("is refused with the term that lacks a field", () => {
    expect(() => parseVocabulary("terms: [{ not: bell }]")).toThrow('The term {"not":"bell"} needs "not" and "use".');
  });
});
