import {
  ASTNodeTypes,
  type TxtDocumentNode,
  type TxtNode,
  type TxtParagraphNode,
  type TxtStrNode,
} from "@textlint/ast-node-types";
import type { TextlintMessage, TextlintPluginCreator } from "@textlint/types";
import { type SourceText, textsOf, withoutMarkers } from "./source-text.ts";

/** The extensions of source files whose comments and messages are checked. */
export const sourceExtensions = [".ts", ".mts", ".mjs", ".proto", ".prisma", ".sql", ".tpl", ".yaml", ".yml"];

/** A plugin of textlint that reads source files: each comment becomes a paragraph, each message a string. */
export const sourcePlugin = {
  Processor: class {
    availableExtensions(): string[] {
      return sourceExtensions;
    }

    processor(extension: string) {
      return {
        preProcess: (source: string) => documentOf(source, textsOf(extension, source)),
        postProcess: (messages: TextlintMessage[], filePath = "<text>") => ({ messages, filePath }),
      };
    }
  },
} satisfies TextlintPluginCreator;

function documentOf(source: string, texts: readonly SourceText[]): TxtDocumentNode {
  const positionOf = positions(source);
  const place = (start: number, end: number) => ({
    raw: source.slice(start, end),
    range: [start, end] as const,
    loc: { start: positionOf(start), end: positionOf(end) },
  });
  const children = texts.map(({ kind, start, end }): TxtNode => {
    const value = kind === "comment" ? withoutMarkers(source.slice(start, end)) : source.slice(start, end);
    const text: TxtStrNode = { type: ASTNodeTypes.Str, value, ...place(start, end) };
    const paragraph: TxtParagraphNode = { type: ASTNodeTypes.Paragraph, children: [text], ...place(start, end) };
    return kind === "comment" ? paragraph : text;
  });
  return { type: ASTNodeTypes.Document, children, ...place(0, source.length) } as TxtDocumentNode;
}

/** Returns a function from offset to position: lines from 1, columns from 0. */
function positions(source: string): (offset: number) => { line: number; column: number } {
  const starts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    const line = starts.findLastIndex((start) => start <= offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) };
  };
}
