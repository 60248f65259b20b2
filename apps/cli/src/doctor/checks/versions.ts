import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { doubtful, type Finding, type Verdict, wrong } from "../finding.ts";
import type { Install } from "../install.ts";
import { componentOf } from "../objects.ts";

const OLDEST_MINOR = 33;

/** Kubernetes, Helm and its release, and whether all pods of a workload run the same image. */
export async function checkVersions(install: Install): Promise<Verdict> {
  const { serverVersion } = JSON.parse(await install.kube.run(["version", "--output", "json"]));
  const findings: Finding[] = [...oldServer(serverVersion), ...mixedImages(install)];
  const release = await helmRelease(install);
  findings.push(...release.findings);
  return { seen: `Kubernetes ${serverVersion.gitVersion}, ${release.seen}, ${tagsOf(install)}`, findings };
}

function oldServer({ major, minor, gitVersion }: Record<"major" | "minor" | "gitVersion", string>): Finding[] {
  if (Number(major) > 1 || Number.parseInt(minor, 10) >= OLDEST_MINOR) return [];
  const remedy = `Upgrade the cluster: the charts need 1.${OLDEST_MINOR} or newer (preStop sleep, native sidecars, matchLabelKeys).`;
  return [wrong("cluster", `Kubernetes is ${gitVersion}.`, remedy)];
}

/** By default some versions of Helm omit pending revisions. */
const states = ["--deployed", "--failed", "--pending"];

async function helmRelease({ release, namespace, kube }: Install): Promise<Verdict> {
  const cluster = kube.context ? ["--kube-context", kube.context] : [];
  const only = ["--namespace", namespace, "--filter", `^${release}$`, ...states];
  const listed = await helm("list", ...only, ...cluster, "--output", "json");
  if (listed === undefined) return { seen: "no helm in PATH", findings: [] };
  const [found] = JSON.parse(listed) as { status: string; chart: string; revision: string }[];
  if (!found) return { seen: "not installed by Helm", findings: [] };
  const findings: Finding[] = [];
  if (found.status !== "deployed") {
    const remedy = `See its revisions: helm history ${release} -n ${namespace}; go back: helm rollback ${release} -n ${namespace}`;
    findings.push(wrong(`release ${release}`, `Its status in Helm is ${found.status}.`, remedy));
  }
  const ours = `kontor-${chartVersion()}`;
  if (found.chart !== ours) {
    const problem = `It was installed from ${found.chart}; this doctor belongs to ${ours} and may expect other streams.`;
    findings.push(doubtful(`release ${release}`, problem, "Use the doctor of the version that is installed."));
  }
  return { seen: `${found.chart} revision ${found.revision} ${found.status} on ${kube.cluster}`, findings };
}

const chart = new URL("../../../../../charts/kontor/Chart.yaml", import.meta.url);
const chartVersion = () => /^version: (\S+)$/m.exec(readFileSync(chart, "utf8"))?.[1] ?? "";

/** Undefined when there is no Helm. */
async function helm(...args: string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)("helm", args)).stdout;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The same tag may name two builds: then the pods of one workload differ. */
function mixedImages({ workloads, pods, kube }: Install): Finding[] {
  return workloads.flatMap((workload) => {
    const name = componentOf(workload);
    const wanted = workload.spec.template.spec.containers[0]?.image;
    const running = pods.filter((pod) => componentOf(pod) === name && pod.spec.containers[0]?.image === wanted);
    const builds = new Set(running.flatMap(({ status }) => status.containerStatuses?.[0]?.imageID || []));
    if (builds.size < 2) return [];
    const restart = kube.typed(`rollout restart ${workload.kind.toLowerCase()}/${workload.metadata.name}`);
    const problem = `Its pods run ${builds.size} different builds of ${wanted}.`;
    return [doubtful(workload.metadata.name, problem, `Use an immutable tag, or: ${restart}`)];
  });
}

function tagsOf({ workloads }: Install): string {
  const ours = workloads.filter(({ kind }) => kind === "Deployment");
  const images = ours.map(({ spec }) => spec.template.spec.containers[0]?.image ?? "");
  return `images ${[...new Set(images.map((image) => image.replace(/^.*[:@]/, "")))].join(", ")}`;
}
