import { readdirSync } from "node:fs";
import { chart } from "../helm.ts";
import { attempt, run } from "../run.ts";
import type { Act, World } from "../world.ts";

/** Every object of every profile before a real API server, in a namespace that takes restricted pods only. */
export const dryRun: Act = {
  name: "dry run",
  about: "every rendered object of every profile, shown to the API server",
  async run(world) {
    const profiles = readdirSync(chart).filter((name) => /^values.*\.yaml$/.test(name));
    const facts: Record<string, number | string> = {};
    const problems: string[] = [];
    for (const profile of profiles) {
      const { accepted, unknown, refused } = await shown(world, profile);
      facts[`${profile}: accepted`] = accepted;
      if (unknown.length > 0) facts[`${profile}: kinds this cluster has not`] = unknown.join(", ");
      problems.push(...refused.map((line) => `${profile}: ${line}`));
    }
    return { facts, problems };
  },
};

async function shown({ options, namespace }: World, profile: string) {
  const context = options.context ? ["--context", options.context] : [];
  const template = ["template", "dry", chart, "--namespace", namespace, "--values", `${chart}/${profile}`];
  const rendered = await run(options.helm, template);
  const apply = ["apply", "--server-side", "--dry-run=server", "--namespace", namespace, "--filename", "-"];
  const { out, err } = await attempt("kubectl", [...apply, ...context], { input: rendered });
  const said = err.split("\n").filter((line) => line.trim() !== "");
  const unknown = said.flatMap((line) => /no matches for kind "(\w+)"/.exec(line)?.[1] ?? []);
  const refused = said.filter((line) => !/no matches for kind|ensure CRDs are installed/.test(line));
  return { accepted: out.trim().split("\n").filter(Boolean).length, unknown: [...new Set(unknown)], refused };
}
