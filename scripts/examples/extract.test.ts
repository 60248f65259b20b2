import { describe, expect, it } from "vitest";
import { examplesOfMarkdown, examplesOfSource, importOfAll } from "./extract.ts";

const lines = (...text: string[]) => text.join("\n");

describe("examples of a README", () => {
  it("keep the lines that they have in the file", () => {
    const [example] = examplesOfMarkdown("README.md", lines("# Title", "", "```ts", "const a = 1;", "```", ""));
    expect(example?.line).toBe(4);
    expect(example?.source.split("\n").slice(0, 5)).toEqual(["", "", "", "const a = 1;", ""]);
  });

  it("are modules of their own", () => {
    const text = lines("```ts", "const a = 1;", "```", "", "```ts", "const a = 2;", "```");
    const [first, second] = examplesOfMarkdown("README.md", text);
    expect(first?.source).not.toContain("const a = 2;");
    expect(second?.source).not.toContain("const a = 1;");
  });

  it("have the declarations of the comment directly above them, and only those", () => {
    const text = lines("<!-- with", "declare const a: number;", "-->", "", "```ts", "a;", "```", "```ts", "b;", "```");
    const [first, second] = examplesOfMarkdown("README.md", text);
    expect(first?.source).toContain("declare const a: number;\n\n\n\na;");
    expect(second?.source).not.toContain("declare");
  });

  it("are blocks of ts only", () => {
    expect(examplesOfMarkdown("README.md", lines("```sh", "npm start", "```", "```", "a ─▶ b", "```"))).toEqual([]);
  });

  it("are refused where they would not be compiled", () => {
    expect(() => examplesOfMarkdown("a/README.md", lines("- item", "  ```ts", "  a;", "  ```"))).toThrow(
      "a/README.md:2",
    );
    expect(() => examplesOfMarkdown("a/README.md", lines("", "```ts", "a;"))).toThrow("a/README.md:2");
  });
});

describe("examples of a doc comment", () => {
  it("may use what their package exports", () => {
    const exports = importOfAll(
      "@kontor/a",
      'export { one, type Two } from "./x.ts";\nexport type { Three } from "./y.ts";\n',
    );
    expect(exports).toBe('import { one, type Two, type Three } from "@kontor/a";');
    const text = lines("/**", " * Returns one.", " *", " * ```ts", " * one();", " * ```", " */");
    const [example] = examplesOfSource("a.ts", text, exports);
    expect(example?.source.split("\n")[0]).toBe(exports);
    expect(example?.source.split("\n")[4]).toBe("one();");
  });
});
