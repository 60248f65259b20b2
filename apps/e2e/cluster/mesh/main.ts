import { kubectl, messageOf } from "@kontor/cli";
import { Refusal } from "@kontor/config";
import { progress } from "@kontor/launcher";
import { helmOf } from "../helm.ts";
import { tellWhatIsLeft } from "../interrupted.ts";
import { asProcess, playAll, thenClose } from "../rehearse.ts";
import type { Act, World } from "../world.ts";
import { edgeBehind } from "./acts/edge.ts";
import { acts } from "./acts.ts";
import { COUNTER } from "./counting.ts";
import { openNamespace } from "./namespace.ts";
import { type MeshOptions, readOptions } from "./options.ts";
import { startGuest } from "./pods.ts";

await asProcess(async () => {
  const options = readOptions(process.argv.slice(2));
  return options === undefined || rehearse(options);
});

/** Plays the acts. Returns whether all passed. */
async function rehearse(options: MeshOptions): Promise<boolean> {
  const { namespace, gateway, url = "http://kontor-edge-istio" } = options;
  const kube = kubectl(options);
  const kubernetes = JSON.parse(await kube.run(["version", "--output", "json"])).serverVersion.gitVersion;
  const helm = await helmOf(options);
  progress(`Kubernetes ${kubernetes} (${kube.cluster}), Helm ${helm.version}, namespace ${namespace}`);
  const world: World = { options, kube, helm, namespace, entrance: url, say: progress };
  if (!gateway) await needsIstio(world);
  const close = await openNamespace(world, !gateway);
  tellWhatIsLeft(kube);
  return thenClose(world, close, async () => {
    await startGuest(world, { name: COUNTER });
    return playAll(world, gateway ? [edgeBehind(gateway)] : chosen(options), { kubernetes, helm: helm.version });
  });
}

function chosen({ only }: MeshOptions): Act[] {
  return acts.filter(({ name }) => only.length === 0 || only.includes(name));
}

async function needsIstio({ kube }: World): Promise<void> {
  const found = await kube
    .run(["get", "gatewayclass", "istio", "--ignore-not-found", "--output", "name"])
    .catch((error) => {
      if (messageOf(error).includes("resource type")) return "";
      throw error;
    });
  if (found.trim() === "")
    throw new Refusal(
      "There is no Istio with the Gateway API in this cluster: docs/guides/mesh.md lists the requirements.",
    );
}
