import { Refusal } from "@kontor/config";
import type { Kubectl } from "./kubectl.ts";
import {
  type Autoscaler,
  componentOf,
  conditionOf,
  INSTANCE,
  type KubeObject,
  type Pod,
  type Policy,
  type Service,
  type Volume,
  type Workload,
} from "./objects.ts";

/** The state of an install in the cluster. */
export type Install = {
  readonly kube: Kubectl;
  readonly namespace: string;
  readonly release: string;
  readonly workloads: readonly Workload[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly volumes: readonly Volume[];
  readonly policies: readonly Policy[];
  readonly autoscalers: readonly Autoscaler[];
};

const kinds = "deployments,statefulsets,pods,services,persistentvolumeclaims,networkpolicies,horizontalpodautoscalers";

/** Finds the release that the options mean, and reads all that belongs to it. */
export async function findInstall(
  kube: Kubectl,
  { namespace, release }: { namespace?: string; release?: string },
): Promise<Install> {
  const found = await releases(kube, namespace, release);
  const [only] = found;
  if (!only) throw new Refusal(nothingThere(namespace, release));
  if (found.length > 1)
    throw new Refusal(
      `There are several installs; choose one:\n${found.map((one) => `  --namespace ${one.namespace} --release ${one.release}`).join("\n")}`,
    );
  return readInstall(kube.in(only.namespace), only.release);
}

async function readInstall(kube: Kubectl, release: string): Promise<Install> {
  const { items } = await kube.get<{ items: KubeObject[] }>(kinds, "--selector", `${INSTANCE}=${release}`);
  return {
    kube,
    namespace: kube.namespace,
    release,
    workloads: items.filter((item): item is Workload => item.kind === "Deployment" || item.kind === "StatefulSet"),
    pods: items.filter((item) => item.kind === "Pod"),
    services: items.filter((item) => item.kind === "Service"),
    volumes: items.filter((item) => item.kind === "PersistentVolumeClaim"),
    policies: items.filter((item) => item.kind === "NetworkPolicy"),
    autoscalers: items.filter((item) => item.kind === "HorizontalPodAutoscaler"),
  };
}

/** Returns the command that changes a value of the release, for remedies: other set values remain, and defaults are the chart's. */
export function upgradeOf({ release, namespace, kube: { context } }: Install, ...values: string[]): string {
  const where = [...(context ? [`--kube-context ${context}`] : []), `-n ${namespace}`];
  const set = values.map((value) => `--set ${value}`);
  return ["helm upgrade", release, "charts/kontor", ...where, "--reset-then-reuse-values", ...set].join(" ");
}

/** A pod of a component in which something can be run, of the newest that are ready. */
export function readyPod({ pods }: Install, component: string): Pod | undefined {
  return pods.find(
    (pod) =>
      componentOf(pod) === component &&
      !pod.metadata.deletionTimestamp &&
      conditionOf(pod.status.conditions, "Ready")?.status === "True",
  );
}

async function releases(kube: Kubectl, namespace: string | undefined, release: string | undefined) {
  const selector = ["app.kubernetes.io/part-of=kontor", ...(release ? [`${INSTANCE}=${release}`] : [])].join();
  const where = namespace ? [] : ["--all-namespaces"];
  const { items } = await kube.get<{ items: Workload[] }>("deployments", ...where, "--selector", selector);
  const all = new Map<string, { namespace: string; release: string }>();
  for (const { metadata } of items) {
    const found = { namespace: metadata.namespace, release: metadata.labels?.[INSTANCE] ?? "" };
    all.set(`${found.namespace}/${found.release}`, found);
  }
  return [...all.values()];
}

function nothingThere(namespace: string | undefined, release: string | undefined): string {
  const where = namespace ? `in namespace ${namespace}` : "on this cluster";
  return `There is no install ${release ? `called ${release} ` : ""}${where}.
Install it (docs/guides/kubernetes.md):  helm install kontor charts/kontor${namespace ? ` --namespace ${namespace}` : ""}
On a laptop without a cluster:           npm start, then npm run kontor -- doctor --local`;
}
