import { parseSync, Visitor } from "rolldown/utils";

/** A comment or a message in a source file: offsets in UTF-16 code units, end exclusive. */
export interface SourceText {
  readonly kind: "comment" | "message";
  readonly start: number;
  readonly end: number;
}

/** Returns the comments and messages of a source file in their order. The extension selects the syntax. */
export function textsOf(extension: string, source: string): SourceText[] {
  return merged(source, readerOf(extension)(source)).sort((a, b) => a.start - b.start);
}

function readerOf(extension: string): (source: string) => SourceText[] {
  switch (extension) {
    case ".ts":
    case ".mts":
    case ".mjs":
      return textsOfScript;
    case ".proto":
    case ".prisma":
      return (source) => matches(source, /\/\*[\s\S]*?\*\/|\/\/.*/g, "comment");
    case ".sql":
      return (source) => matches(source, /\/\*[\s\S]*?\*\/|--.*/g, "comment");
    case ".tpl":
      return (source) => matches(source, /\{\{-?\s*\/\*[\s\S]*?\*\/\s*-?\}\}/g, "comment");
    default:
      return textsOfYaml;
  }
}

function textsOfScript(source: string): SourceText[] {
  const { program, comments } = parseSync("source.ts", source);
  const texts: SourceText[] = comments.map(({ start, end }) => ({ kind: "comment", start, end }));
  const add = (start: number, end: number) => {
    if (/[a-z] [a-z]/i.test(source.slice(start, end))) texts.push({ kind: "message", start, end });
  };
  new Visitor({
    Literal: (node) => typeof node.value === "string" && add(node.start + 1, node.end - 1),
    TemplateElement: (node) => add(node.start, node.end),
  }).visit(program);
  return texts;
}

/** Comments, and values that are phrases of at least three words. A template of Helm is no valid YAML, so lines are read. */
function textsOfYaml(source: string): SourceText[] {
  return [
    ...matches(source, /(?<=^|\s)#.*/gm, "comment"),
    ...matches(source, /(?<=^[ -]*[\w.-]+: )[^#\n{|>&*[]\S* \S+ \S[^#\n]*/gm, "message"),
  ];
}

function matches(source: string, expression: RegExp, kind: SourceText["kind"]): SourceText[] {
  return [...source.matchAll(expression)].map(({ 0: text, index }) => ({
    kind,
    start: index,
    end: index + text.length,
  }));
}

/** Joins line comments that follow each other, since a sentence may continue on the next line. */
function merged(source: string, texts: readonly SourceText[]): SourceText[] {
  const result: SourceText[] = [];
  for (const text of texts) {
    const last = result.at(-1);
    const joins =
      last?.kind === "comment" && text.kind === "comment" && /^\n[ \t]*$/.test(source.slice(last.end, text.start));
    if (joins) result[result.length - 1] = { ...last, end: text.end };
    else result.push(text);
  }
  return result;
}

/** Returns the words of a comment at the same offsets: markers such as `*`, `//` and `#` become spaces. */
export function withoutMarkers(comment: string): string {
  return comment.replace(/^[ \t]*(\/\*\*?|\*\/|\*|\/\/\/?|--|#+|\{\{-?\s*\/\*)|\*\/(\s*-?\}\})?$/gm, (marker) =>
    " ".repeat(marker.length),
  );
}
