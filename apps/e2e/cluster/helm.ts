import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Options } from "./options.ts";
import { run } from "./run.ts";
import { OURS, RELEASE, TAGS } from "./world.ts";

export const root = resolve(fileURLToPath(import.meta.url), "../../../..");
export const chart = `${root}/charts/kontor`;

/** The differences between revisions of the shop: another image, two pods each, an autoscaler. */
type Shape = { readonly tag?: string; readonly replicas?: number; readonly set?: readonly string[] };

/** Helm, limited to one cluster, one namespace and one release. */
export type Helm = {
  readonly version: string;
  install(shape: Shape): Promise<string>;
  /** Waits until all pods are those of the new revision. */
  upgrade(shape: Shape): Promise<string>;
  /** Whether the release exists, in any state. */
  installed(): Promise<boolean>;
  run(...args: readonly string[]): Promise<string>;
};

/** `before` has the sources of --from: the first version is installed by their chart, too. */
export async function helmOf({ helm, namespace, context, registry }: Options, before = root): Promise<Helm> {
  const version = (await run(helm, ["version", "--template", "{{.Version}}"])).trim();
  const where = ["--namespace", namespace, ...(context ? ["--kube-context", context] : [])];
  const execute = (...args: readonly string[]) => run(helm, [...args, ...where]);
  const shaped = ({ tag = TAGS.first, replicas = 1, set = [] }: Shape) => {
    const all = [`global.image.tag=${tag}`, `global.image.registry=${registry}`, ...set];
    const sources = tag === TAGS.first ? before : root;
    // A service that is new is not in the chart of the version before.
    const known = OURS.filter((name) => existsSync(`${sources}/apps/${name}`));
    if (replicas !== 1) all.push(...known.map((name) => `${name}.replicas=${replicas}`));
    const files = ["charts/kontor/values-minimal.yaml", "apps/e2e/cluster/values.yaml"];
    const values = files.flatMap((file) => ["--values", `${sources}/${file}`]);
    return [`${sources}/charts/kontor`, ...values, ...all.flatMap((one) => ["--set", one])];
  };
  return {
    version,
    install: (shape) => execute("install", RELEASE, ...shaped(shape)),
    upgrade: (shape) => execute("upgrade", RELEASE, ...shaped(shape), "--wait", "--timeout", "10m"),
    async installed() {
      const any = ["--deployed", "--failed", "--pending", "--superseded", "--uninstalling"];
      return (await execute("list", "--short", "--filter", `^${RELEASE}$`, ...any)).trim() !== "";
    },
    run: execute,
  };
}
