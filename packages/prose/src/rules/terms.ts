import { extname } from "node:path";
import type { TextlintRuleReporter } from "@textlint/types";
import { textsOf } from "../source-text.ts";
import { expressionOf, startsWithAny, type Term } from "../vocabulary.ts";

/** Returns a rule of textlint that reports words that the vocabulary replaces, in text and, where the term says so, in names. */
export function terms(all: readonly Term[], path: string): TextlintRuleReporter {
  const applied = all
    .filter(({ pending = [] }) => !startsWithAny(path, pending))
    .map((term) => ({
      term,
      expression: expressionOf(term),
      unless: term.unless ? new RegExp(term.unless, "i") : undefined,
    }));
  const inText = applied.filter(({ term }) => !term.onlyNames);
  const inNames = applied.filter(({ term }) => term.names || term.onlyNames);
  return ({ Syntax, RuleError, report, getSource, locator }) => ({
    [Syntax.Str](node) {
      for (const { term, expression, unless } of inText)
        for (const { 0: found, index } of node.value.matchAll(expression)) {
          const around = node.value.slice(Math.max(0, index - 40), index + found.length + 40);
          if (unless?.test(around)) continue;
          report(node, new RuleError(`"${found}": use ${term.use}.`, { padding: locator.at(index) }));
        }
    },
    [Syntax.Document](node) {
      if (!/\.(ts|mts|mjs)$/.test(path)) return;
      const source = codeOf(path, getSource(node));
      for (const { 0: name, index } of [{ 0: path, index: 0 }, ...source.matchAll(/[A-Za-z_$][\w$]*/g)]) {
        const words = wordsOf(name);
        for (const { term, expression, unless } of inNames)
          if (words.search(expression) >= 0 && !unless?.test(name))
            report(node, new RuleError(`the name ${name}: use ${term.use}.`, { padding: locator.at(index) }));
      }
    },
  });
}

/** Returns a source with its comments and messages replaced by spaces. */
function codeOf(path: string, source: string): string {
  return textsOf(extname(path), source).reduce(
    (code, { start, end }) => code.slice(0, start) + " ".repeat(end - start) + code.slice(end),
    source,
  );
}

/** Returns a name as words: `mayTurn` and `may-turn` become "may turn". */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[^A-Za-z0-9]+/g, " ")
    .toLowerCase();
}
