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

async function shown({ options, namespace, kube }: World, profile: string) {
  const { serverVersion } = JSON.parse(await kube.run(["version", "--output", "json"]));
  const version = ["--kube-version", serverVersion.gitVersion];
  const template = ["template", "dry", chart, "--namespace", namespace, "--values", `${chart}/${profile}`, ...version];
  const rendered = await run(options.helm, template);
  // A pod is refused whose account is not there, and a dry run leaves none: these few are made.
  const accounts = rendered.split(/^---$/m).filter((text) => /^kind: ServiceAccount$/m.test(text));
  await kube.run(["apply", "--server-side", "--filename", "-"], { input: accounts.join("---\n") });
  try {
    const context = options.context ? ["--context", options.context] : [];
    const apply = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "--filename", "-"];
    const { out, err } = await attempt("kubectl", [...apply, "--namespace", namespace, ...context], {
      input: rendered,
    });
    const said = err.split("\n").filter((line) => line.trim() !== "");
    const unknown = said.flatMap((line) => /no matches for kind "(\w+)"/.exec(line)?.[1] ?? []);
    const refused = said.filter((line) => !/no matches for kind|ensure CRDs are installed/.test(line));
    return { accepted: out.trim().split("\n").filter(Boolean).length, unknown: [...new Set(unknown)], refused };
  } finally {
    await kube.run(["delete", "--filename", "-"], { input: accounts.join("---\n") });
  }
}
