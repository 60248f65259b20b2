import { serviceNames } from "@kontor/shop";
import { doubtful, type Finding, type Verdict, wrong } from "../finding.ts";
import { type Install, upgradeOf } from "../install.ts";
import type { Kubectl } from "../kubectl.ts";
import { type ContainerStatus, componentOf, conditionOf, type Pod, type Workload } from "../objects.ts";

/** Restarts of the last hour are news; older ones only count. */
const RECENT_MS = 3_600_000;

/** Whether everything that should run does, and why not. */
export async function checkPods(install: Install): Promise<Verdict> {
  const alive = install.pods.filter((pod) => install.workloads.some((one) => componentOf(one) === componentOf(pod)));
  const findings = [
    ...missing(install),
    ...install.workloads.flatMap((workload) => notReady(workload, install)),
    ...alive.flatMap((pod) => troubles(pod, install.kube)),
  ];
  const ready = alive.filter((pod) => conditionOf(pod.status.conditions, "Ready")?.status === "True").length;
  return { seen: `${ready} of ${alive.length} pods ready`, findings };
}

const core = ["gateway", ...serviceNames];

function missing(install: Install): Finding[] {
  const there = new Set(install.workloads.map(componentOf));
  return core
    .filter((name) => !there.has(name))
    .map((name) => {
      const remedy = `Enable it: ${upgradeOf(install, `${name}.enabled=true`)}`;
      return wrong(name, "There is no Deployment of it.", remedy);
    });
}

function notReady(workload: Workload, { kube }: Install): Finding[] {
  const { kind, metadata, spec, status } = workload;
  const name = `${kind.toLowerCase()}/${metadata.name}`;
  const ready = status.readyReplicas ?? 0;
  if (spec.replicas === 0) {
    const remedy = kube.typed(`scale ${name} --replicas=1`);
    return [wrong(name, "It is scaled to 0.", remedy)];
  }
  const stuck = conditionOf(status.conditions, "Progressing");
  if (stuck?.reason === "ProgressDeadlineExceeded") {
    const remedy = `If no pod below shows the reason: ${kube.typed(`describe ${name}`)}; to return to the last revision: helm rollback`;
    return [wrong(name, `Its new pods do not become ready; old ones still serve.`, remedy)];
  }
  if (ready >= spec.replicas) return [];
  const refused = conditionOf(status.conditions, "ReplicaFailure");
  const events = kube.typed(`describe ${name}`);
  if (refused?.status === "True")
    return [
      wrong(
        name,
        `Pods are refused: ${refused.message}`,
        `Change the setting that the message names, then check: ${events}`,
      ),
    ];
  return [wrong(name, `${ready} of ${spec.replicas} pods are ready.`, `If no pod below shows the reason: ${events}`)];
}

function troubles(pod: Pod, kube: Kubectl): Finding[] {
  const subject = `pod/${pod.metadata.name}`;
  const scheduled = conditionOf(pod.status.conditions, "PodScheduled");
  if (scheduled?.status === "False") {
    const remedy = `Add the missing resources to the cluster, or request less: --values charts/kontor/values-minimal.yaml`;
    return [wrong(subject, `No node takes it: ${scheduled.message}`, remedy)];
  }
  const inits = (pod.status.initContainerStatuses ?? []).flatMap((one) => initTrouble(subject, one, kube));
  if (inits.length > 0) return inits;
  return (pod.status.containerStatuses ?? []).flatMap((one) => [
    ...waiting(subject, one, kube),
    ...restarted(subject, one, kube),
    ...deaf(pod, subject, one, kube),
  ]);
}

function initTrouble(subject: string, container: ContainerStatus, kube: Kubectl): Finding[] {
  const { waiting: waits, terminated } = container.state;
  if (waits && waits.reason !== "PodInitializing") return waiting(subject, container, kube);
  const failed = terminated ?? container.lastState?.terminated;
  if (!failed || failed.exitCode === 0) return [];
  const log = kube.typed(`logs ${subject} --container ${container.name}`);
  const problem = `Its init container ${container.name} ended with ${failed.exitCode}.`;
  return [wrong(subject, problem, `Its last line has the reason (mostly the database): ${log}`)];
}

const pulls = ["ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName"];

function waiting(subject: string, { name, state, lastState }: ContainerStatus, kube: Kubectl): Finding[] {
  const { reason = "", message = "" } = state.waiting ?? {};
  if (reason === "" || reason === "PodInitializing" || reason === "ContainerCreating") return [];
  if (pulls.includes(reason)) {
    const remedy =
      "Build and load it: docker buildx bake -f k8s/images/docker-bake.hcl, then on kind: kind load docker-image <image>\n" +
      "From a registry: check global.image.registry, global.image.tag and global.image.pullSecrets.";
    return [wrong(subject, `The image of ${name} cannot be had: ${message || reason}`, remedy)];
  }
  if (reason === "CreateContainerConfigError")
    return [
      wrong(subject, `${name} cannot be made: ${message}`, "Make the Secret or key it names; see `secrets` below."),
    ];
  const last = lastState?.terminated;
  const why = last ? ` after it ended with ${last.exitCode} (${last.reason})` : "";
  const log = kube.typed(`logs ${subject} --container ${name} --previous`);
  return [wrong(subject, `${name} is in ${reason}${why}.`, `Its last line has the reason: ${log}`)];
}

function restarted(subject: string, { name, restartCount, lastState }: ContainerStatus, kube: Kubectl): Finding[] {
  const last = lastState?.terminated;
  if (restartCount === 0 || !last) return [];
  const times = `${restartCount} ${restartCount === 1 ? "time" : "times"}`;
  if (last.reason === "OOMKilled") {
    const component = name === "migrate" ? "<service>" : name;
    const remedy = `Give it more: --set ${component}.resources.memoryLimit=<MiB>; the heap follows the limit.`;
    return [
      doubtful(subject, `${name} ran out of memory and was restarted ${times}, last at ${last.finishedAt}.`, remedy),
    ];
  }
  if (Date.now() - Date.parse(last.finishedAt) > RECENT_MS) return [];
  const problem = `${name} was restarted ${times}, last at ${last.finishedAt} after ${last.exitCode} (${last.reason}).`;
  return [doubtful(subject, problem, `See why: ${kube.typed(`logs ${subject} --container ${name} --previous`)}`)];
}

function deaf(pod: Pod, subject: string, { name, ready, state }: ContainerStatus, kube: Kubectl): Finding[] {
  if (ready || !state.running || pod.metadata.deletionTimestamp) return [];
  const problem = `${name} runs since ${state.running.startedAt}, but its probes fail.`;
  const look = [kube.typed(`logs ${subject} --container ${name} --tail 20`), kube.typed(`describe ${subject}`)];
  return [wrong(subject, problem, `See the reason in its log: ${look.join("\n")}`)];
}
