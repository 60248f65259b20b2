/** An example of a README or of a doc comment, as a module whose lines are those of its file. */
export interface Example {
  /** The file that holds the example. */
  readonly file: string;
  /** The line of its first statement, from 1. */
  readonly line: number;
  /** The module. Line N of it is line N of the file; all lines that are not of the example are empty. */
  readonly source: string;
}

const FENCE = /^```(\w*)$/;

/**
 * Returns the examples of a README: its blocks of `ts`. An HTML comment that begins with `<!-- with` directly above a block
 * declares what the block uses but a reader knows without reading it; its lines are compiled with the block.
 */
export function examplesOfMarkdown(file: string, text: string): Example[] {
  return blocksOf(file, text.split("\n"));
}

/** Returns the examples of doc comments: their blocks of `ts`. They may use all `exports` of their package without import. */
export function examplesOfSource(file: string, text: string, exports: string): Example[] {
  const lines = text.split("\n").map((line) => /^ *\* ?(.*)$/.exec(line)?.[1] ?? "");
  return blocksOf(file, lines).map((example) => ({ ...example, source: exports + example.source }));
}

/** Returns an import of all that a package exports, on one line. `index` is the text of its entry point. */
export function importOfAll(name: string, index: string): string {
  const lists = [...index.matchAll(/^export (type )?\{([^}]*)\}/gm)];
  const names = lists.flatMap(([, type = "", list = ""]) =>
    list.split(",").flatMap((entry) => (entry.trim() ? [type + entry.trim()] : [])),
  );
  return `import { ${names.join(", ")} } from "${name}";`;
}

function blocksOf(file: string, lines: readonly string[]): Example[] {
  const examples: Example[] = [];
  let setUp: number[] = [];
  const endOf = (mark: string, start: number) => {
    const end = lines.indexOf(mark, start + 1);
    if (end < 0) throw new Error(`${file}:${start + 1}: no line "${mark}" ends what begins here.`);
    return end;
  };
  for (let at = 0; at < lines.length; at++) {
    if (/^\s+```ts$/.test(lines[at] ?? "")) throw new Error(`${file}:${at + 1}: an indented example is not compiled.`);
    if (lines[at]?.startsWith("<!-- with")) {
      const end = endOf("-->", at);
      setUp = between(at, end);
      at = end;
    } else if (FENCE.test(lines[at] ?? "")) {
      const language = FENCE.exec(lines[at] ?? "")?.[1];
      const end = endOf("```", at);
      const kept = new Set([...setUp, ...between(at, end)]);
      const source = lines.map((line, index) => (kept.has(index) ? line : "")).join("\n");
      if (language === "ts") examples.push({ file, line: at + 2, source: `${source}\nexport {};\n` });
      setUp = [];
      at = end;
    } else if (lines[at] !== "") setUp = [];
  }
  return examples;
}

function between(start: number, end: number): number[] {
  return Array.from({ length: end - start - 1 }, (_, index) => start + 1 + index);
}
