import { extname } from "node:path";
import { TextlintKernel, type TextlintKernelRule } from "@textlint/kernel";
import markdown from "@textlint/textlint-plugin-markdown";
import { functionComment } from "./rules/function-comment.ts";
import { sentenceLength } from "./rules/sentence-length.ts";
import { terms } from "./rules/terms.ts";
import { sourceExtensions, sourcePlugin } from "./source-plugin.ts";
import { isInScope, type Vocabulary } from "./vocabulary.ts";

/** A place where a text breaks a rule. Lines and columns start at 1. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const kernel = new TextlintKernel();
const plugins = [
  { pluginId: "markdown", plugin: markdown.default ?? markdown },
  { pluginId: "source", plugin: sourcePlugin },
];

/** Returns whether files of a path's extension can be checked. */
export function isChecked(path: string): boolean {
  return [".md", ...sourceExtensions].includes(extname(path));
}

/** Resolves to the problems of one text. The path is relative to the repository; it selects the syntax and the scopes. */
export async function lintText(path: string, text: string, vocabulary: Vocabulary): Promise<Problem[]> {
  const options = { ext: extname(path), filePath: path, plugins, rules: rulesFor(path, vocabulary) };
  const { messages } = await kernel.lintText(text, options);
  return messages.map(({ loc, message }) => ({ path, line: loc.start.line, column: loc.start.column, message }));
}

function rulesFor(path: string, { terms: all, sentences, functionComments }: Vocabulary): TextlintKernelRule[] {
  const rules = [{ ruleId: "terms", rule: terms(all, path) }];
  if (isInScope(path, sentences)) rules.push({ ruleId: "sentence-length", rule: sentenceLength(sentences.maxWords) });
  if (isInScope(path, functionComments)) rules.push({ ruleId: "function-comment", rule: functionComment() });
  return rules;
}
