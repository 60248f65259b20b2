import { clusterChecks } from "./cluster-checks.ts";
import type { Check } from "./finding.ts";
import { findInstall } from "./install.ts";
import { kubectl } from "./kubectl.ts";
import { localChecks } from "./local-checks.ts";
import { type DoctorOptions, readDoctorOptions } from "./options.ts";
import { reporter, summarise, verdictLine } from "./report.ts";
import { runChecks } from "./run-checks.ts";

/** `kontor doctor`: returns the exit code. */
export async function doctor(args: readonly string[]): Promise<number> {
  const options = readDoctorOptions(args);
  if (!options) return 0;
  const write = (text: string) => void (options.json ? process.stderr : process.stdout).write(text);

  const { what, checks } = options.local ? localChecks(options) : await checksOfCluster(options);
  write(`Looking at ${what}.\n`);
  const results = await runChecks(checks, reporter(write));
  const summary = summarise(results);
  write(`${verdictLine(summary)}\n`);
  if (options.json) console.log(JSON.stringify({ install: what, ...summary, checks: results }, null, 2));
  return summary.errors > 0 ? 1 : 0;
}

async function checksOfCluster(options: DoctorOptions): Promise<{ what: string; checks: Check[] }> {
  const install = await findInstall(kubectl(options), options);
  const what = `release ${install.release} in namespace ${install.namespace}, ${install.kube.cluster}`;
  return { what, checks: clusterChecks(install, options) };
}
