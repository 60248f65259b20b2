import { type Check, messageOf, type Verdict, wrong } from "./finding.ts";

export type Result = Verdict & { readonly check: string; readonly tookMs: number };

export type Watcher = { readonly began: (name: string) => void; readonly ended: (result: Result) => void };

/** One check after the other. One that cannot be made is a finding itself. */
export async function runChecks(checks: readonly Check[], watcher: Watcher): Promise<Result[]> {
  const results: Result[] = [];
  for (const { name, run } of checks) {
    watcher.began(name);
    const start = performance.now();
    const verdict = await run().catch((error: unknown) => notMade(name, error));
    const result = { check: name, tookMs: Math.round(performance.now() - start), ...verdict };
    watcher.ended(result);
    results.push(result);
  }
  return results;
}

function notMade(name: string, error: unknown): Verdict {
  const remedy = "Read the message; if rights are missing, grant your user those that `doctor --help` names.";
  return { seen: "could not be checked", findings: [wrong(name, messageOf(error), remedy)] };
}
