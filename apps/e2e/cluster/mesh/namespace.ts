import { readFileSync } from "node:fs";
import { root } from "../helm.ts";
import { isOwn, markOwn, removeNamespace } from "../namespace.ts";
import type { World } from "../world.ts";

/** Creates the namespace of k8s/istio, or a plain one. Returns the function that removes it with its contents. */
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
