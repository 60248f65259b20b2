import { doubtful, type Finding, type Verdict, wrong } from "../finding.ts";
import { type Install, readyPod, upgradeOf } from "../install.ts";
import { componentOf } from "../objects.ts";
import { checkApiServer } from "./api-server.ts";

/** Whether NetworkPolicies are there, and whether this cluster's network enforces them. */
export async function checkPolicies(install: Install): Promise<Verdict> {
  const { policies, workloads, release } = install;
  const upgrade = upgradeOf(install, "networkPolicy.enabled=true");
  if (policies.length === 0)
    return { seen: "none", findings: [doubtful("NetworkPolicies", "Every pod may reach every other.", upgrade)] };
  const covered = new Set(policies.map(componentOf));
  const needed = ["default-deny", ...workloads.map(componentOf)];
  const gone = needed.filter((name) => !covered.has(name));
  const findings = gone.map((name) =>
    wrong(`networkpolicy/${release}-${name}`, "It is missing.", `Put it back: ${upgrade}`),
  );
  const { seen, findings: more } = await enforcement(install);
  const moved = await checkApiServer(install);
  return { seen: `${policies.length} policies, ${seen}`, findings: [...findings, ...more, ...moved] };
}

/** Calls a port that no policy opens for the gateway: the metrics of payments. */
async function enforcement(install: Install): Promise<{ seen: string; findings: Finding[] }> {
  const from = readyPod(install, "gateway");
  const to = readyPod(install, "payments")?.status.podIP;
  if (!from || !to) return { seen: "enforcement not tried", findings: [] };
  const answer = await install.kube.node(from.metadata.name, "gateway", reachScript(to, 9090));
  if (answer.trim() === "shut") return { seen: "enforced", findings: [] };
  const problem =
    "This cluster's network does not enforce them: the gateway reaches a port that no policy opens for it.";
  const remedy =
    "Use a network that does. kind's own network (kindnet) does since kind 0.24: create the cluster with that version or a newer one.\n" +
    "Elsewhere, or on an older kind with disableDefaultCNI: install Calico or Cilium.";
  return { seen: "not enforced", findings: [doubtful("NetworkPolicies", problem, remedy)] };
}

/**
 * Returns a script that prints "open" when a process responds by HTTP at a port, otherwise "shut". A connection proves nothing: in a mesh
 * the pod's own sidecar accepts it before it connects to the callee, and ends it or responds with 503 if that fails.
 */
export function reachScript(host: string, port: number): string {
  return `
    import net from "node:net";
    const say = (text) => { console.log(text); process.exit(); };
    setTimeout(() => say("shut"), 3000);
    const socket = net.connect({ host: ${JSON.stringify(host)}, port: ${port} });
    socket.on("error", () => say("shut")).on("close", () => say("shut"));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
      const status = /^HTTP\\/1[.]1 (\\d{3}) /.exec(answer)?.[1];
      if (status) say(status === "200" ? "open" : "shut");
    });
    socket.write("GET /livez HTTP/1.1\\r\\nHost: payments\\r\\nConnection: close\\r\\n\\r\\n");`;
}
