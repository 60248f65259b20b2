import { bold, dim, green, red, yellow } from "@kontor/launcher";
import type { Finding } from "./finding.ts";
import type { Result, Watcher } from "./run-checks.ts";

/** Shows each check while it runs, and its result. */
export function reporter(write: (text: string) => void): Watcher {
  return {
    began: (name) => write(dim(`… ${name}\n`)),
    ended: ({ check, seen, findings, tookMs }) => {
      write(`${mark(findings)} ${bold(check.padEnd(16))} ${seen} ${dim(`${(tookMs / 1000).toFixed(1)}s`)}\n`);
      for (const { severity, subject, problem, remedy } of findings) {
        const paint = severity === "error" ? red : yellow;
        write(`    ${paint(subject)}: ${problem}\n    ${dim("→")} ${remedy.replaceAll("\n", "\n      ")}\n`);
      }
    },
  };
}

function mark(findings: readonly Finding[]): string {
  if (findings.some(({ severity }) => severity === "error")) return red("✗");
  return findings.length > 0 ? yellow("!") : green("✓");
}

export type Summary = { readonly errors: number; readonly warnings: number };

export function summarise(results: readonly Result[]): Summary {
  const all = results.flatMap(({ findings }) => findings);
  const errors = all.filter(({ severity }) => severity === "error").length;
  return { errors, warnings: all.length - errors };
}

export function verdictLine({ errors, warnings }: Summary): string {
  if (errors > 0) return red(`${count(errors, "thing")} wrong, ${count(warnings, "warning")}.`);
  return warnings > 0 ? yellow(`Nothing is wrong; ${count(warnings, "warning")}.`) : green("Nothing is wrong.");
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
