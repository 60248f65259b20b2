import type { Language } from "@kontor/transcoder";
import { type ProblemEntry, slugOf } from "./catalogue.ts";
import { problemWords } from "./words.ts";

/** Returns the page of a reason as Markdown. */
export function problemMarkdown({ reason, meanings, advice }: ProblemEntry, language: Language): string {
  const words = problemWords[language];
  const rows = meanings.map(({ domain, http, grpc, message }) => [domain, `${http}`, `\`${grpc}\``, message[language]]);
  const paragraphs = advice[language].join("\n\n");
  return `# ${reason}\n\n${table(words.columns, rows)}\n\n## ${words.advice}\n\n${paragraphs}\n`;
}

/** Returns the list of all reasons as Markdown. */
export function problemListMarkdown(entries: readonly ProblemEntry[], language: Language): string {
  const words = problemWords[language];
  const rows = entries.map(({ reason, meanings }) => [`[\`${reason}\`](${slugOf(reason)})`, statusesOf(meanings)]);
  return `# ${words.title}\n\n${words.intro}\n\n${table([words.reason, "HTTP"], rows)}\n`;
}

/** Returns the statuses of a reason, each once. */
export function statusesOf(meanings: ProblemEntry["meanings"]): string {
  return [...new Set(meanings.map(({ http }) => http))].join(", ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
