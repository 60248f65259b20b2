import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { type KontorError, LANGUAGES, VIOLATIONS, violationText } from "../src/index.ts";

const root = join(import.meta.dirname, "../../..");
const sources = globSync(["apps/*/src/**/*.ts", "packages/*/src/**/*.ts"], {
  cwd: root,
  exclude: ["**/*.test.ts", "**/gen/**", "**/node_modules/**"],
}).map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));

type Factory = ((facts: object) => KontorError) & { readonly reason: string };

/** Finds the catalogues by the function that creates them, so that a new one is included. */
const catalogues = sources.filter(({ text }) => /^export const \w+ = defineErrors\(/m.test(text));
const errors = (
  await Promise.all(
    catalogues.map(async ({ file }) => {
      const module: Record<string, unknown> = await import(pathToFileURL(join(root, file)).href);
      return Object.values(module)
        .flatMap(factoriesIn)
        .map((make) => ({ file, reason: make.reason, make }));
    }),
  )
).flat();

function factoriesIn(catalogue: unknown): Factory[] {
  const entries = typeof catalogue === "object" && catalogue !== null ? Object.values(catalogue) : [];
  return entries.filter((entry): entry is Factory => typeof entry === "function" && "reason" in entry);
}

/** Has every fact there is: its own name, in braces. */
const anyFacts = new Proxy(
  {},
  { get: (_, name) => `{${String(name)}}`, getOwnPropertyDescriptor: () => ({ configurable: true, value: "" }) },
);

describe("the text of an error", () => {
  it.each(errors)("exists in German: $reason of $file", ({ make }) => {
    const { message, translations } = make(anyFacts);
    expect(translations.de).toMatch(/\S/);
    expect(translations.de).not.toBe(message);
    for (const [fact] of translations.de?.matchAll(/\{\w+\}/g) ?? []) expect(message).toContain(fact);
  });
});

describe("a field violation", () => {
  const sites = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/\bviolation\(\s*(?:[^"`,]|"[^"]*"|`[^`]*`)+,\s*(?:\w+ \? )?"([A-Z_]+)"/g)].map(
      ([, code = ""]) => {
        return { file, code };
      },
    ),
  );

  it("is made by the rules of contracts, and in services whose domain has rules of its own", () => {
    const folders = new Set(sites.map(({ file }) => file.split("/")[1]));
    for (const folder of ["validation", "catalog", "orders", "payments", "shipping", "users"])
      expect(folders).toContain(folder);
  });

  it.each(sites)("has a text in every language: $code in $file", ({ code }) => {
    const params = VIOLATIONS.find((known) => known.code === code)?.params ?? [];
    const facts = Object.fromEntries(params.map((name) => [name, "1"]));
    for (const language of LANGUAGES) expect(violationText(code, facts, language)).toMatch(/\S/);
  });

  it.each(sources.filter(({ file, text }) => text.includes("@kontor/errors") && file !== "packages/rpc/src/status.ts"))(
    "contains no error text: $file",
    ({ text }) => {
      expect(text).not.toMatch(/\bfield(: [^,{}]+)?,\s*description(: |,| })/);
    },
  );
});

describe("a refusal of the edge", () => {
  const edge = sources.filter(({ file }) => /^(packages\/transcoder|apps\/gateway)\//.test(file));
  it.each(edge)("has no text outside of the catalogues: $file", ({ text }) => {
    expect(text).not.toMatch(
      /(?:new HttpError\(\d+, "\w+"|\bbad(?:Body|Query|Path|Header)\([^;]*?), ?["`][A-Z][a-z]+ /,
    );
    expect(text).not.toMatch(/\bbad(?:Path)\(["`]/);
  });
});
