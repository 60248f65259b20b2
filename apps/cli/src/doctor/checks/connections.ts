import { inParallel } from "@kontor/launcher";
import { type Finding, type Verdict, wrong } from "../finding.ts";
import { type Install, readyPod } from "../install.ts";
import { componentOf } from "../objects.ts";
import { probeScript } from "../probe-script.ts";

type Probe = { readonly setting: string; readonly host: string; readonly port: number; readonly error?: string };

/** Checks from a pod of each workload that the names in its settings resolve, and that their servers accept connections. */
export async function checkConnections(install: Install): Promise<Verdict> {
  const findings: Finding[] = [];
  let tried = 0;
  const ours = install.workloads.filter(({ kind }) => kind === "Deployment");
  await inParallel(3, ours, async (workload) => {
    const name = componentOf(workload);
    const pod = readyPod(install, name);
    if (!pod) return;
    const probes: Probe[] = JSON.parse(await install.kube.node(pod.metadata.name, name, probeScript));
    tried += probes.length;
    findings.push(...probes.flatMap((probe) => broken(pod.metadata.name, probe, install)));
  });
  return { seen: `${tried} names resolved and reached from the pods that use them`, findings };
}

function broken(pod: string, { setting, host, port, error }: Probe, { kube }: Install): Finding[] {
  if (!error) return [];
  const subject = `pod/${pod}`;
  const what = `${setting} says ${host}:${port}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(error)) {
    const remedy =
      `Does the Service exist? ${kube.typed(`get service ${host.split(".")[0]}`)}\n` +
      "Does DNS respond? kubectl -n kube-system get pods -l k8s-app=kube-dns; NetworkPolicies must let pods reach it.";
    return [wrong(subject, `${what}, a name that does not resolve (${error}).`, remedy)];
  }
  const remedy = `Is it running, and does a NetworkPolicy allow it? ${kube.typed("get endpointslices,networkpolicies")}`;
  return [wrong(subject, `${what}, which takes no connection (${error}).`, remedy)];
}
