import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { compileExamples, findExamples } from "./check.ts";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A repository of one package that exports `twice`. */
function repository(readme: string, comment = ""): string {
  const folder = mkdtempSync(join(tmpdir(), "kontor-examples-"));
  folders.push(folder);
  const src = join(folder, "packages/sums/src");
  mkdirSync(src, { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
  cpSync(join(root, "tsconfig.json"), join(folder, "tsconfig.json"));
  const manifest = { name: "@kontor/sums", type: "module", exports: "./src/index.ts" };
  writeFileSync(join(folder, "packages/sums/package.json"), JSON.stringify(manifest));
  writeFileSync(join(src, "index.ts"), 'export { twice } from "./twice.ts";\n');
  writeFileSync(join(src, "twice.ts"), `${comment}export const twice = (n: number): number => 2 * n;\n`);
  writeFileSync(join(folder, "packages/sums/README.md"), readme);
  return folder;
}

const check = (folder: string) => compileExamples(folder, findExamples(folder));
const block = (...lines: string[]) => ["# Sums", "", "```ts", ...lines, "```", ""].join("\n");
const imported = 'import { twice } from "@kontor/sums";';

describe("compiling examples", () => {
  it("accepts those that are right, and leaves no file behind", () => {
    const folder = repository(block(imported, "twice(2);"), "/**\n * ```ts\n * twice(3);\n * ```\n */\n");
    expect(findExamples(folder)).toHaveLength(2);
    expect(check(folder)).toEqual([]);
    expect(existsSync(join(folder, "packages/sums/.examples"))).toBe(false);
  });

  it("names the file and the line of what is wrong", () => {
    const folder = repository(block(imported, 'twice("two");'), "/**\n * ```ts\n * twice();\n * ```\n */\n");
    expect(check(folder)).toEqual([
      expect.stringMatching(/^packages\/sums\/README\.md\(5,\d+\): error TS2345/),
      expect.stringMatching(/^packages\/sums\/src\/twice\.ts\(3,\d+\): error TS2554/),
    ]);
  });
});
