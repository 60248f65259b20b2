import { inParallel } from "@kontor/launcher";
import { serviceNames } from "@kontor/shop";
import type { Finding, Verdict } from "../finding.ts";
import { type Install, readyPod } from "../install.ts";
import { stuckWork } from "./work.ts";

/** Reads the metrics of one pod of each service: their figures about databases are equal in all pods. */
export async function checkClusterWork(install: Install): Promise<Verdict> {
  const findings: Finding[] = [];
  let asked = 0;
  await inParallel(3, serviceNames, async (service) => {
    const pod = readyPod(install, service);
    if (!pod) return;
    const text = await install.kube.forward(`pod/${pod.metadata.name}`, 9090, async (port) =>
      (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) })).text(),
    );
    asked += 1;
    findings.push(...stuckWork({ process: service, text }));
  });
  return { seen: `dead letters, sagas and outboxes of ${asked} services`, findings };
}
