import { type Autoscaler, type Meta, messageOf } from "@kontor/cli";
import { rolledOut, upgradeTo } from "../rollout.ts";
import { run } from "../run.ts";
import { type Act, RELEASE, until, type World } from "../world.ts";

/** Values that Kubernetes does not let an upgrade change, and the guide that describes how to change them. */
const impossible = ["nats.storage=3Gi", "postgres.storage=5Gi", "postgres.image=postgres:19"];
const GUIDE = "docs/guides/kubernetes.md";

export const refusal: Act = {
  name: "refusal",
  about:
    "helm upgrade with values that it cannot apply is refused before anything changes, autoscalers turned off included",
  async run(world) {
    await upgradeTo(
      world,
      2,
      ["enabled=true", "min=2", "max=3"].map((one) => `gateway.autoscaling.${one}`),
    );
    const problems: string[] = [];
    const before = await versions(world);
    for (const value of impossible) {
      const message = await upgraded(world, 2, value);
      const [name = ""] = value.split("=");
      if (!message.includes(name) || !message.includes(GUIDE)) problems.push(`helm upgrade with ${value}: ${message}`);
    }
    problems.push(...changed(before, await versions(world)));
    // Helm 3 does not apply server-side and has no conflicts.
    const hasConflicts = !world.helm.version.startsWith("v3.");
    if (hasConflicts) problems.push(...(await refusesConflicts(world)));
    const refused = impossible.length + (hasConflicts ? 1 : 0);
    return { facts: { refused, "objects compared": before.size }, problems };
  },
};

function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].filter((one) => before.get(one) !== after.get(one));
  return names.length > 0 ? [`A refused upgrade changed ${names.join(", ")}.`] : [];
}

/** Returns the message of Helm for an upgrade that it should refuse. */
const upgraded = (world: World, replicas: number, ...set: readonly string[]): Promise<string> =>
  world.helm.upgrade({ replicas, set }).then(() => "it succeeded", messageOf);

/** Turns the autoscaler off while `kubectl scale` owns the number of pods of another app. Returns the faults of the refusal. */
async function refusesConflicts(world: World): Promise<string[]> {
  await world.kube.run(["scale", `deployment/${RELEASE}-orders`, "--replicas=3"]);
  await rolledOut(world);
  const before = await versions(world);
  const message = await upgraded(world, 2);
  const expected = ["orders.replicas is 2", "kubectl set kontor-orders to 3", "scale deployment kontor-orders", GUIDE];
  const missing = expected.filter((text) => !message.includes(text));
  const wrong =
    missing.length > 0 ? [`With other numbers of pods Helm does not print ${missing.join(", ")}: ${message}`] : [];
  return [...wrong, ...changed(before, await versions(world)), ...(await followsTheMessage(world))];
}

/** Runs the commands of the message, and the upgrade again. Returns the faults afterwards. */
async function followsTheMessage(world: World): Promise<string[]> {
  const message = await upgraded(world, 2);
  const context = world.options.context ? ` --context ${world.options.context}` : "";
  const commands = [...message.matchAll(/^ {2}kubectl (.*)$/gm)].map(([, rest]) => `kubectl${context} ${rest}`);
  await run("bash", ["-c", commands.join("\n")]);
  const second = await upgraded(world, 2);
  if (second !== "it succeeded") return [`After the commands of the message: ${second}`];
  await until("no autoscaler", 30_000, async () => {
    return (await world.kube.get<{ items: Autoscaler[] }>("horizontalpodautoscalers")).items.length === 0;
  });
  return [];
}

type Thing = Meta & {
  readonly kind: string;
  readonly metadata: { readonly generation?: number; readonly resourceVersion: string };
};

/**
 * Returns the versions of all objects that Helm renders, and of its records. For objects that change their own status it returns the
 * generation, which autoscalers do not have.
 */
async function versions({ kube }: World): Promise<Map<string, string>> {
  const { items } = await kube.get<{ items: Thing[] }>(
    "configmaps,secrets,services,deployments,statefulsets,persistentvolumeclaims,horizontalpodautoscalers",
  );
  return new Map(
    items.map(({ kind, metadata }) => [
      `${kind} ${metadata.name}`,
      String(
        /^(Deployment|StatefulSet|HorizontalPodAutoscaler)$/.test(kind)
          ? metadata.generation
          : metadata.resourceVersion,
      ),
    ]),
  );
}
