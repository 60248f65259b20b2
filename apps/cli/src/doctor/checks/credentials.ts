import { inParallel } from "@kontor/launcher";
import { serviceNames } from "@kontor/shop";
import { doubtful, type Finding, type Verdict, wrong } from "../finding.ts";
import { type Install, upgradeOf } from "../install.ts";
import { componentOf, conditionOf, type Pod } from "../objects.ts";
import type { Metrics } from "./metrics-text.ts";

const REFUSED = /^kontor_rpc_client_credential_refused\{service="([^"]+)"\} 1$/gm;

/** Finds callers whose credentials a callee refuses at present, by the metrics of the caller. */
export function refusedCredentials({ process, text }: Metrics, remedy: string): Finding[] {
  return [...text.matchAll(REFUSED)].map(([, callee]) =>
    wrong(process, `${callee} refuses its credential: no call of it passes.`, remedy),
  );
}

/** Reads the metrics of every pod: one of several may have another credential than the rest. */
export async function checkClusterCredentials(install: Install): Promise<Verdict> {
  const pods = install.pods.filter((pod) => isReady(pod) && serviceNames.some((name) => name === componentOf(pod)));
  const findings: Finding[] = [];
  await inParallel(3, pods, async (pod) => {
    const { name } = pod.metadata;
    const text = await install.kube.forward(`pod/${name}`, 9090, async (port) =>
      (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) })).text(),
    );
    const remedy =
      `See the reason in the logs: ${install.kube.typed("logs --selector app.kubernetes.io/part-of=kontor --tail 200 --prefix | grep SERVICE_TOKEN")}\n` +
      "docs/runbooks/service-credentials.md explains each reason.";
    findings.push(...refusedCredentials({ process: `pod/${name}`, text }, remedy));
  });
  return { seen: `those of ${pods.length} pods`, findings: [...findings, ...(await sharedToken(install))] };
}

function isReady(pod: Pod): boolean {
  return !pod.metadata.deletionTimestamp && conditionOf(pod.status.conditions, "Ready")?.status === "True";
}

/** The token of earlier versions permits every internal RPC while it is accepted. */
async function sharedToken(install: Install): Promise<Finding[]> {
  const uses = install.workloads.flatMap(({ spec }) =>
    spec.template.spec.containers.flatMap(({ env = [] }) =>
      env.flatMap(({ name, valueFrom }) => (name === "KONTOR_INTERNAL_TOKEN" ? (valueFrom?.secretKeyRef ?? []) : [])),
    ),
  );
  const names = [...new Set(uses.map(({ name }) => name))];
  const found = await Promise.all(
    names.map((name) => install.kube.run(["get", "secret", name, "--ignore-not-found", "--output", "name"])),
  );
  if (found.every((text) => text.trim() === "")) return [];
  const problem =
    "Services still accept the token that earlier versions share: a client that has it may call as any service.";
  const remedy = `Once all pods are of this version, end that: ${upgradeOf(install, "global.identity.sharedToken=false")}`;
  return [doubtful("shared token", problem, remedy)];
}
