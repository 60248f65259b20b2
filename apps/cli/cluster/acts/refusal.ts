import { messageOf } from "../../src/doctor/finding.ts";
import type { Meta } from "../../src/doctor/objects.ts";
import type { Act, World } from "../world.ts";

/** Values that Kubernetes does not let an upgrade change, and the guide that says how to change them. */
const impossible = ["nats.storage=3Gi", "postgres.storage=5Gi", "postgres.image=postgres:19"];
const GUIDE = "docs/guides/kubernetes.md";

export const refusal: Act = {
  name: "refusal",
  about: "helm upgrade with values that it cannot apply is refused before anything changes",
  async run(world) {
    const problems: string[] = [];
    const before = await versions(world);
    for (const value of impossible) {
      const message = await world.helm.upgrade({ replicas: 2, set: [value] }).then(() => "it succeeded", messageOf);
      const [name = ""] = value.split("=");
      if (!message.includes(name) || !message.includes(GUIDE)) problems.push(`helm upgrade with ${value}: ${message}`);
    }
    const after = await versions(world);
    const changed = [...after].filter(([thing, version]) => before.get(thing) !== version).map(([thing]) => thing);
    if (changed.length > 0) problems.push(`A refused upgrade changed ${changed.join(", ")}.`);
    return { facts: { refused: impossible.length, "objects compared": before.size }, problems };
  },
};

type Thing = Meta & {
  readonly kind: string;
  readonly metadata: { readonly generation?: number; readonly resourceVersion: string };
};

/** Returns the version of all that Helm renders; of workloads, whose status changes by itself, that of the specification. */
async function versions({ kube }: World): Promise<Map<string, string>> {
  const { items } = await kube.get<{ items: Thing[] }>(
    "configmaps,secrets,services,deployments,statefulsets,persistentvolumeclaims",
  );
  // Helm records the attempt in a Secret of its own.
  const rendered = items.filter(({ metadata }) => !metadata.name.startsWith("sh.helm.release."));
  return new Map(
    rendered.map(({ kind, metadata }) => [
      `${kind} ${metadata.name}`,
      String(/^(Deployment|StatefulSet)$/.test(kind) ? metadata.generation : metadata.resourceVersion),
    ]),
  );
}
