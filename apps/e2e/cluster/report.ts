import { bold, dim, green, red, yellow } from "@kontor/launcher";
import type { Outcome } from "./world.ts";

export type Played = Outcome & { readonly act: string; readonly tookSeconds: number };

export function showAct({ act, facts, load, problems = [], skipped, tookSeconds }: Played): string {
  if (skipped) return `${yellow("–")} ${bold(act)} skipped: ${skipped}`;
  const mark = problems.length === 0 ? green("✓") : red("✗");
  const lines = Object.entries(facts).map(([name, value]) => `    ${name}: ${value}`);
  if (load)
    lines.push(`    ${load.sent} requests, ${load.failed} failed; ${load.orders} orders, ${load.confirmed} confirmed`);
  return [
    `${mark} ${bold(act)} ${dim(`${tookSeconds} s`)}`,
    ...lines,
    ...problems.map((text) => `    ${red(text)}`),
  ].join("\n");
}

/** Requests by act, for the end of the run. */
export function table(played: readonly Played[]): string {
  const head = ["act", "seconds", "requests", "failed", "orders", "confirmed", "p50 ms", "p99 ms"];
  const rows = played.flatMap(({ act, load }) =>
    load
      ? [[act, load.seconds, load.sent, load.failed, load.orders, load.confirmed, load.p50Ms, load.p99Ms].map(String)]
      : [],
  );
  const widths = head.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return [bold(line(head)), ...rows.map(line)].join("\n");
}
