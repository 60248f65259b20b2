import type { Language } from "@kontor/transcoder";
import { type ProblemEntry, slugOf } from "./catalogue.ts";
import { statusesOf } from "./markdown.ts";
import { problemWords } from "./words.ts";

/** Returns the page of a reason as HTML. */
export function problemHtml({ reason, meanings, advice }: ProblemEntry, language: Language): string {
  const words = problemWords[language];
  const rows = meanings.map(({ domain, http, grpc, message }) =>
    [domain, `${http}`, `\`${grpc}\``, message[language]].map(inline),
  );
  const paragraphs = advice[language].map((text) => `<p>${inline(text)}</p>`).join("\n");
  return page(
    reason,
    language,
    `${table(words.columns, rows)}\n<h2>${words.advice}</h2>\n${paragraphs}\n<p><a href="./">${words.list}</a></p>`,
  );
}

/** Returns the list of all reasons as HTML. */
export function problemListHtml(entries: readonly ProblemEntry[], language: Language): string {
  const words = problemWords[language];
  const rows = entries.map(({ reason, meanings }) => [
    `<a href="${escaped(slugOf(reason))}">${escaped(reason)}</a>`,
    statusesOf(meanings),
  ]);
  return page(words.title, language, `<p>${words.intro}</p>\n${table([words.reason, "HTTP"], rows)}`);
}

/** The only style of the pages. Their policy names its hash. */
export const STYLE = `body{margin:2rem auto;max-width:60rem;padding:0 1rem;font:16px/1.5 system-ui,sans-serif}
table{border-collapse:collapse;display:block;overflow-x:auto}
th,td{border-bottom:1px solid #8886;padding:.4rem .8rem .4rem 0;text-align:left;vertical-align:top}
h1{overflow-wrap:anywhere}`;

function page(title: string, language: Language, body: string): string {
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<h1>${escaped(title)}</h1>
${body}
</html>
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  return ["<table>", line(head, "th"), ...rows.map((row) => line(row, "td")), "</table>"].join("\n");
}

/** Text with code between backticks. */
function inline(text: string): string {
  return escaped(text).replaceAll(/`([^`]*)`/g, "<code>$1</code>");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
