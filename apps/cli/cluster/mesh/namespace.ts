import { readFileSync } from "node:fs";
import { Refusal } from "../../src/launcher/refusal.ts";
import { root } from "../helm.ts";
import type { World } from "../world.ts";

/** Makes the namespace as k8s/istio has it, or a plain one. Answers how to remove it with all that is in it. */
export async function openNamespace(world: World, inMesh: boolean): Promise<() => Promise<void>> {
  const { kube, namespace, options } = world;
  const there = (await kube.run(["get", "namespace", namespace, "--ignore-not-found", "--output", "name"])).trim();
  if (there && options.only.length === 0)
    throw new Refusal(`The namespace ${namespace} exists. Choose another by --namespace.`);
  if (!there && inMesh) {
    await applyFor(world, "istio/namespace");
    await applyFor(world, "istio/gateway");
  } else if (!there) await kube.run(["create", "namespace", namespace]);
  return async () => {
    await kube.run(["delete", "namespace", namespace, "--timeout=180s"], { timeoutMs: 190_000 });
  };
}

/** Applies a file of k8s to the namespace of the run. */
async function applyFor({ kube, namespace }: World, file: string): Promise<void> {
  const input = readFileSync(`${root}/k8s/${file}.yaml`, "utf8")
    .replaceAll("namespace: shop", `namespace: ${namespace}`)
    .replaceAll("name: shop", `name: ${namespace}`);
  await kube.run(["apply", "--server-side", "--filename", "-"], { input });
}
