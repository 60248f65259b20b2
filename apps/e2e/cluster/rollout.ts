import { componentOf, conditionOf, INSTANCE, type Meta, type Pod } from "@kontor/cli";
import { OURS, RELEASE, type World } from "./world.ts";

/** Waits until all Deployments and StatefulSets have their desired state. */
export async function rolledOut({ kube }: World): Promise<void> {
  const names = (await kube.run(["get", "deployments,statefulsets", "--output", "name"])).trim().split("\n");
  for (const name of names) await kube.run(["rollout", "status", name, "--timeout=300s"], { timeoutMs: 310_000 });
}

/**
 * Scales each service by kubectl, then upgrades with the same number: after `kubectl scale` or an autoscaler the chart refuses another
 * number, because Helm 4 could not apply it.
 */
export async function upgradeTo(world: World, replicas: number, set: readonly string[] = []): Promise<void> {
  const deployments = OURS.map((name) => `deployment/${RELEASE}-${name}`);
  await world.kube.run(["delete", "horizontalpodautoscalers", "--all"]);
  await world.kube.run(["scale", ...deployments, `--replicas=${replicas}`]);
  await world.helm.upgrade({ replicas, set });
}

/** The names of all Deployments, without that of the release. */
export async function deploymentNames({ kube }: World): Promise<string[]> {
  const { items } = await kube.get<{ items: Meta[] }>("deployments", "--selector", `${INSTANCE}=${RELEASE}`);
  return items.map(({ metadata }) => metadata.name.slice(RELEASE.length + 1));
}

export async function podsOf({ kube }: World): Promise<Pod[]> {
  const { items } = await kube.get<{ items: Pod[] }>("pods", "--selector", `${INSTANCE}=${RELEASE}`);
  return items.filter(({ metadata, status }) => !metadata.deletionTimestamp && status.phase === "Running");
}

export const isReady = ({ status }: Pod): boolean => conditionOf(status.conditions, "Ready")?.status === "True";

/** The images that pods of ours run at this moment, by tag. */
export async function tagsRunning(world: World): Promise<Set<string>> {
  const pods = (await podsOf(world)).filter((pod) => OURS.includes(componentOf(pod)));
  return new Set(pods.map(({ spec }) => spec.containers[0]?.image.split(":").at(-1) ?? ""));
}
