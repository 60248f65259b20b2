import { readFileSync } from "node:fs";
import { root } from "../helm.ts";
import { isOwn, markOwn, removeNamespace } from "../namespace.ts";
import type { World } from "../world.ts";

/** Makes the namespace as k8s/istio has it, or a plain one. Answers how to remove it with all that is in it. */
export async function openNamespace(world: World, inMesh: boolean): Promise<() => Promise<void>> {
  const close = () => removeNamespace(world);
  if (await isOwn(world)) return close;
  await world.kube.run(["create", "namespace", world.namespace]);
  await markOwn(world);
  try {
    for (const file of inMesh ? ["istio/namespace", "istio/gateway"] : []) await applyFor(world, file);
  } catch (error) {
    await close();
    throw error;
  }
  return close;
}

/** Applies a file of k8s to the namespace of the run. */
async function applyFor({ kube, namespace }: World, file: string): Promise<void> {
  const input = readFileSync(`${root}/k8s/${file}.yaml`, "utf8")
    .replaceAll("namespace: shop", `namespace: ${namespace}`)
    .replaceAll("name: shop", `name: ${namespace}`);
  await kube.run(["apply", "--server-side", "--filename", "-"], { input });
}
