import type { AnyTxtNode } from "@textlint/ast-node-types";
import type { TextlintRuleReporter } from "@textlint/types";
import { split } from "sentence-splitter";

/**
 * Returns a rule of textlint that reports sentences of more words than `maxWords`. A colon, a semicolon and the `·` of a list end a sentence;
 * code counts as one word.
 */
export function sentenceLength(maxWords: number): TextlintRuleReporter {
  return ({ Syntax, RuleError, report }) => ({
    [Syntax.Paragraph](node) {
      for (const sentence of sentencesOf(textOf(node))) {
        const words = sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
        if (words.length <= maxWords) continue;
        report(
          node,
          new RuleError(
            `${words.length} words in one sentence: split it (at most ${maxWords}): "${words.slice(0, 6).join(" ")} …"`,
          ),
        );
      }
    },
  });
}

function sentencesOf(text: string): string[] {
  return text
    .split(/[:;]\s| · |\n\s*\n|\n\s*@\w+/)
    .flatMap((part) => split(part.replace(/\s+/g, " ").trim()).map(({ raw }) => raw));
}

/** Returns the text of a node with one word for each piece of code. */
function textOf(node: AnyTxtNode | undefined): string {
  if (!node) return "";
  if (node.type === "Code" || node.type === "Html") return "code";
  if ("children" in node) return node.children.map((child: AnyTxtNode) => textOf(child)).join("");
  return "value" in node ? String(node.value).replace(/`[^`]*`/g, "code") : "";
}
