import type { TextlintRuleReporter } from "@textlint/types";

const COMMENT = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export\s+)?(?:async\s+)?function\b/g;

/** Returns a rule of textlint that reports a function's comment whose first word is no verb in the third person: *Returns*, *Throws*. */
export function functionComment(): TextlintRuleReporter {
  return ({ Syntax, RuleError, report, getSource, locator }) => ({
    [Syntax.Document](node) {
      for (const { 1: comment = "", index } of getSource(node).matchAll(COMMENT)) {
        const first = comment.match(/[\p{L}\p{N}`'"-]+/u)?.[0] ?? "";
        if (
          /^[A-Z][a-z]+s$/.test(first) &&
          !/^(This|These|Its|Always|Less|Bytes|Names|Types|Messages|Events)$/.test(first)
        )
          continue;
        report(
          node,
          new RuleError(`A function's comment begins with what it does (Returns, Throws …), not with "${first}".`, {
            padding: locator.at(index),
          }),
        );
      }
    },
  });
}
