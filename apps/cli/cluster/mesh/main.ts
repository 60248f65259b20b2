import { writeFileSync } from "node:fs";
import { messageOf } from "../../src/doctor/finding.ts";
import { kubectl } from "../../src/doctor/kubectl.ts";
import { Refusal } from "../../src/launcher/refusal.ts";
import { green, progress, red } from "../../src/launcher/terminal.ts";
import { helmOf } from "../helm.ts";
import { type Played, showAct, table } from "../report.ts";
import { type Act, seconds, type World } from "../world.ts";
import { edgeBehind } from "./acts/edge.ts";
import { acts } from "./acts.ts";
import { COUNTER } from "./counting.ts";
import { tellWhatIsLeft } from "./interrupted.ts";
import { openNamespace } from "./namespace.ts";
import { type MeshOptions, readOptions } from "./options.ts";
import { startGuest } from "./pods.ts";

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
async function rehearse(options: MeshOptions): Promise<boolean> {
  const { namespace, gateway, url = "http://kontor-edge-istio" } = options;
  const world: World = {
    options,
    kube: kubectl(options),
    helm: await helmOf(options),
    namespace,
    entrance: url,
    say: progress,
  };
  if (!gateway) await needsIstio(world);
  const close = await openNamespace(world, !gateway);
  tellWhatIsLeft(world.kube);
  const played: Played[] = [];
  try {
    await startGuest(world, { name: COUNTER });
    for (const act of gateway ? [edgeBehind(gateway)] : chosen(options)) {
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
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ failed, acts: played }, null, 2)}\n`);
  console.log(
    failed.length === 0
      ? green("\nEverything came out as it must.")
      : red(`\nNot as it must be: ${failed.join(", ")}.`),
  );
  return failed.length === 0;
}

function chosen({ only }: MeshOptions): Act[] {
  return acts.filter(({ name }) => only.length === 0 || only.includes(name));
}

async function needsIstio({ kube }: World): Promise<void> {
  const found = await kube.run(["get", "gatewayclass", "istio", "--output", "name"]).catch(() => "");
  if (found.trim() === "")
    throw new Refusal(
      "There is no Istio with the Gateway API in this cluster: docs/guides/mesh.md says what it needs.",
    );
}

/** An act that throws is a problem of its own; the others are played all the same. */
async function play(act: Act, world: World): Promise<Played> {
  const start = performance.now();
  const outcome = await act.run(world).catch((error: unknown) => ({ facts: {}, problems: [messageOf(error)] }));
  return { act: act.name, tookSeconds: seconds(start), ...outcome };
}
