import { lengthOf } from "@kontor/text";
import type { Block, Letter, Row } from "./letter.ts";

const WIDTH = 64;

/** A letter as plain text. */
export function letterText({ greeting, blocks, closing }: Letter): string {
  return `${[greeting, ...blocks.map(blockText), closing].join("\n\n")}\n`;
}

function blockText(block: Block): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "note":
      return [block.title, ...block.lines.map((line) => `  ${line}`)].join("\n");
    case "table":
      return [...block.rows.flatMap(rowText), "-".repeat(WIDTH), ...[...block.sums, block.total].flatMap(rowText)].join(
        "\n",
      );
  }
}

function rowText({ label, detail, amount }: Row): string[] {
  const line = `${label}${" ".repeat(Math.max(0, WIDTH - amount.length - widthOf(label) - 1))} ${amount}`;
  return detail === undefined ? [line] : [line, `  ${detail}`];
}

/** Isolates take no room. */
function widthOf(label: string): number {
  return lengthOf(label.replace(/[\u2068\u2069]/g, ""));
}
