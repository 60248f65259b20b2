import { writeFileSync } from "node:fs";
import { messageOf } from "../src/doctor/finding.ts";
import { kubectl } from "../src/doctor/kubectl.ts";
import { Refusal } from "../src/launcher/refusal.ts";
import { green, progress, red } from "./../src/launcher/terminal.ts";
import { acts } from "./acts.ts";
import { helmOf } from "./helm.ts";
import { buildImages } from "./images.ts";
import { openNamespace } from "./namespace.ts";
import { type Options, readOptions } from "./options.ts";
import { type Played, showAct, table } from "./report.ts";
import { type Act, RELEASE, seconds, type World } from "./world.ts";

try {
  const options = readOptions(process.argv.slice(2));
  if (options) process.exitCode = (await rehearse(options)) ? 0 : 1;
} catch (error) {
  console.error(
    `\n${red(error instanceof Refusal ? error.message : String(error instanceof Error ? error.stack : error))}`,
  );
  process.exitCode = 1;
}

/** Plays the acts. Answers whether all came out as they must. */
async function rehearse(options: Options): Promise<boolean> {
  const { namespace } = options;
  const kube = kubectl(options);
  const cluster = JSON.parse(await kube.run(["version", "--output", "json"])).serverVersion.gitVersion;
  const helm = await helmOf(options);
  const context = options.context ?? (await kube.run(["config", "current-context"])).trim();
  progress(`Kubernetes ${cluster} (${context}), Helm ${helm.version}, namespace ${namespace}`);
  const world: World = { options, kube, helm, namespace, say: progress };
  if (!options.skipBuild) await buildImages(options, context, progress);
  const close = await openNamespace(world);
  const played: Played[] = [];
  for (const signal of ["SIGINT", "SIGTERM"])
    process.once(signal, () => {
      console.error(`\nInterrupted. What is left goes by: kubectl delete namespace ${namespace}`);
      process.exit(1);
    });
  try {
    for (const act of await chosen(world)) {
      progress(`${act.name}: ${act.about}`);
      const result = await play(act, world);
      console.log(showAct(result));
      played.push(result);
    }
  } finally {
    if (!options.keep) await close();
  }
  console.log(`\n${table(played)}`);
  const failed = played.filter(({ problems = [] }) => problems.length > 0).map(({ act }) => act);
  const result = { kubernetes: cluster, helm: helm.version, failed, acts: played };
  if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  console.log(
    failed.length === 0
      ? green("\nEverything came out as it must.")
      : red(`\nNot as it must be: ${failed.join(", ")}.`),
  );
  return failed.length === 0;
}

/** An act that throws is a problem of its own; the others are played all the same. */
async function play(act: Act, world: World): Promise<Played> {
  const start = performance.now();
  const outcome = await act.run(world).catch((error: unknown) => ({ facts: {}, problems: [messageOf(error)] }));
  return { act: act.name, tookSeconds: seconds(start), ...outcome };
}

/** With --only the shop is installed first, unless it is there. */
async function chosen({ options: { only, keep }, helm }: World): Promise<Act[]> {
  const installed = (await helm.run("list", "--short", "--filter", `^${RELEASE}$`)).trim() !== "";
  return acts.filter(({ name }) => {
    if (name === "install") return !installed;
    if (only.length > 0) return only.includes(name);
    return !keep || !["uninstall", "reinstall"].includes(name);
  });
}
