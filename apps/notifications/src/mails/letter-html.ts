import { ISOLATE } from "@kontor/text";
import type { Block, Letter, Row } from "./letter.ts";

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const QUIET = "font-size:13px;line-height:18px;color:#667085";

/** A letter as HTML: one column, styles inline, nothing to load. */
export function letterHtml({ language, shop, subject, greeting, blocks, closing }: Letter): string {
  const { markup } = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${subject}</title>
</head>
<body style="margin:0;padding:0;background:#f2f4f7">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f2f4f7">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#ffffff;border-radius:8px;${FONT};font-size:16px;line-height:24px;color:#101828">
<tr><td style="padding:24px 32px;border-bottom:1px solid #eaecf0;font-size:18px;font-weight:600">${shop}</td></tr>
<tr><td style="padding:24px 32px">
${paragraph(greeting)}
${blocks.map(blockHtml)}
${paragraph(closing)}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
  return markup;
}

function paragraph(text: string): Html {
  return html`<p style="margin:0 0 16px;white-space:pre-line">${text}</p>`;
}

function blockHtml(block: Block): Html {
  switch (block.type) {
    case "text":
      return paragraph(block.text);
    case "note":
      return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 16px">
<tr><td style="padding:12px 16px;background:#f9fafb;border-radius:6px"><div style="${QUIET}">${block.title}</div>
${block.lines.map((line) => html`<div>${line}</div>`)}</td></tr>
</table>`;
    case "table":
      return html`<table width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 16px;border-collapse:collapse">
${block.rows.map((row) => rowHtml(row, "border-bottom:1px solid #eaecf0"))}
${block.sums.map((row) => rowHtml(row, QUIET))}
${rowHtml(block.total, "font-weight:600")}
</table>`;
  }
}

function rowHtml({ label, detail, amount }: Row, style: string): Html {
  const below = detail === undefined ? html`` : html`<div style="${QUIET}">${detail}</div>`;
  return html`<tr>
<td style="padding:8px 0;vertical-align:top;${style}">${label}${below}</td>
<td align="right" style="padding:8px 0 8px 16px;vertical-align:top;white-space:nowrap;${style}">${amount}</td>
</tr>`;
}

/** HTML that is safe to send. Only `html` makes it. */
type Html = { readonly markup: string };

type Value = string | Html | readonly Html[];

/** A template of HTML that escapes every text put into it. */
function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { markup: String.raw({ raw: strings }, ...values.map(markupOf)) };
}

/** A bidi isolate of `isolated` becomes the element that HTML has for it. */
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  [ISOLATE.start]: "<bdi>",
  [ISOLATE.end]: "</bdi>",
};

function markupOf(value: Value): string {
  if (typeof value === "string") return value.replace(/[&<>"'\u2068\u2069]/g, (character) => entities[character] ?? "");
  return "markup" in value ? value.markup : value.map(({ markup }) => markup).join("");
}
