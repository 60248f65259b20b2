import { INSTANCE, type Meta } from "@kontor/cli";
import { type Act, RELEASE, type World } from "../world.ts";

/** Removes the shop, and looks at everything that is left. */
export const uninstall: Act = {
  name: "uninstall",
  about: "helm uninstall leaves Secrets and the volumes they open, nothing else",
  async run(world) {
    await world.helm.run("uninstall", RELEASE, "--wait", "--timeout", "5m");
    // Helm 3 does not wait for the pods of deleted objects.
    await world.kube.run([
      "wait",
      "pod",
      "--for=delete",
      "--selector",
      `${INSTANCE}=${RELEASE},track`,
      "--timeout=60s",
    ]);
    const left = await everythingOf(world);
    const stray = left.filter((one) => !meantToStay(one));
    const kept = left.filter((one) => one.metadata.labels?.[INSTANCE] === RELEASE);
    const count = (kind: string) => kept.filter((one) => one.kind === kind).length;
    const facts = {
      "Secrets kept": count("Secret"),
      "volumes kept": count("PersistentVolumeClaim"),
      "left by mistake": stray.length,
    };
    return { facts, problems: stray.map(({ kind, metadata }) => `${kind} ${metadata.name} was left.`) };
  },
};

type Thing = Meta & { readonly kind: string };

/** All objects in the namespace, and those with the release's label outside of it. */
async function everythingOf({ kube }: World): Promise<Thing[]> {
  const inside = await list(await kinds(kube, true), []);
  const outside = await list(await kinds(kube, false), ["--selector", `${INSTANCE}=${RELEASE}`]);
  return [...inside, ...outside];

  async function list(names: string, selector: readonly string[]): Promise<Thing[]> {
    return (await kube.get<{ items: Thing[] }>(names, ...selector)).items;
  }
}

async function kinds(kube: World["kube"], namespaced: boolean): Promise<string> {
  const args = ["api-resources", "--verbs=list", `--namespaced=${namespaced}`, "--output=name"];
  const all = (await kube.run(args)).trim().split("\n");
  return all.filter((name) => !/^events|metrics\.k8s\.io$|^componentstatuses$/.test(name)).join(",");
}

/** Objects that the chart keeps, that every namespace has, and that this run created. */
function meantToStay({ kind, metadata }: Thing): boolean {
  if (kind === "Secret") return metadata.annotations?.["helm.sh/resource-policy"] === "keep";
  if (kind === "PersistentVolumeClaim") return /^data-kontor-(postgres|nats)-0$/.test(metadata.name);
  if (kind === "ConfigMap") return /^(kube-root-ca|istio-ca|load)/.test(metadata.name);
  // The finished pod of helm test has its log, which Helm 3 reads after the test.
  if (kind === "Pod") return metadata.name === `${RELEASE}-test-place-order`;
  return kind === "ServiceAccount" && metadata.name === "default";
}
