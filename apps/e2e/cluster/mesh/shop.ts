import { fileURLToPath } from "node:url";
import { chart, root } from "../helm.ts";
import { rolledOut } from "../rollout.ts";
import { RELEASE, TAGS, type World } from "../world.ts";

const base = [
  `${chart}/values-minimal.yaml`,
  fileURLToPath(new URL("../values.yaml", import.meta.url)),
  fileURLToPath(new URL("values.yaml", import.meta.url)),
];

/** Installs or changes the shop, with values of a file of k8s, and waits until the rollout is complete. */
export async function shapeShop(world: World, file: string | undefined, set: readonly string[] = []): Promise<void> {
  await changeShop(world, file, set);
  await rolledOut(world);
}

/** The same without waiting: enough where only routes change. */
export async function changeShop(world: World, file: string | undefined, set: readonly string[] = []): Promise<void> {
  const { registry } = world.options;
  const files = [...base, ...(file ? [`${root}/k8s/${file}.yaml`] : [])].flatMap((one) => ["--values", one]);
  const all = [`global.image.tag=${TAGS.first}`, `global.image.registry=${registry}`, ...set];
  const sets = all.flatMap((one) => ["--set", one]);
  await world.helm.run("upgrade", "--install", RELEASE, chart, ...files, ...sets);
}

/** Values of a canary of an app: the second image, and a share of the calls. */
export const canaryOf = (app: string, weight: number): string[] => [
  `${app}.canary.enabled=true`,
  `${app}.canary.image.tag=${TAGS.second}`,
  `${app}.canary.weight=${weight}`,
  `${app}.canary.header.name=kontor-variant`,
  `${app}.canary.header.value=next`,
];
