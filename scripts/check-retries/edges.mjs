import { isIstio, istioRepeats } from "./istio.mjs";
import { isLinkerd, linkerdRepeats } from "./linkerd.mjs";
import { ofApp } from "./read.mjs";

const simulators = { payments: "psp-simulator", shipping: "carrier-simulator" };

/**
 * Every edge of the graph that manifests have both ends of: whether the caller's app repeats calls, how often the mesh does,
 * and what the mesh repeats although its contract does not allow it.
 */
export function retriesByEdge(objects, graph) {
  const present = ({ caller, callee }) =>
    workloadsOf(objects, caller).length > 0 && ofApp(objects, "Service", callee).some(isCalled);
  return edgesOf(graph)
    .filter(present)
    .map(({ caller, callee, app }) => {
      const host = ofApp(objects, "Service", callee).find(isCalled).metadata.name;
      const repeats = (path) => meshRepeats(objects, host, path);
      const { allowed, others } = pathsOf(callee, graph);
      return {
        caller,
        callee,
        app: app || appRepeats(objects, caller),
        mesh: Math.max(...[...allowed, ...others].map(repeats)),
        unsafe: others.filter((path) => repeats(path) > 0),
      };
    });
}

/** Calls by gRPC, which a setting turns on and off; webhooks and calls of simulators, which their senders always repeat. */
function edgesOf({ calls }) {
  const rpc = Object.entries(calls).flatMap(([caller, callees]) => callees.map((callee) => ({ caller, callee })));
  const out = Object.entries(simulators).map(([caller, callee]) => ({ caller, callee, app: true }));
  const webhooks = Object.values(simulators).map((caller) => ({ caller, callee: "gateway", app: true }));
  return [...rpc, ...out, ...webhooks];
}

/** Services are Deployments, simulators are StatefulSets. */
const workloadsOf = (objects, app) => ["Deployment", "StatefulSet"].flatMap((kind) => ofApp(objects, kind, app));

/** Neither for the version of a canary, which routes lead to, nor for callers that balance themselves. */
const isCalled = ({ spec }) => spec.clusterIP !== "None" && !spec.selector.track;

function meshRepeats(objects, host, path) {
  if (isIstio(objects)) return istioRepeats(objects, host, path);
  return isLinkerd(objects) ? linkerdRepeats(objects, host, path) : 0;
}

function appRepeats(objects, caller) {
  const containers = workloadsOf(objects, caller).flatMap(({ spec }) => spec.template.spec.containers);
  const said = containers.map(({ env }) => env.find(({ name }) => name === "RPC_RETRIES")?.value ?? "on");
  return said.some((value) => !/^(off|false|0|no)$/i.test(value));
}

/** Paths that may be repeated, and some that may not: streams, what is not known to be safe, and all of HTTP. */
function pathsOf(callee, { upstreams, methods }) {
  const services = Object.keys(upstreams).filter((service) => upstreams[service] === callee);
  if (services.length === 0) return { allowed: [], others: ["/"] };
  const each = (list) => services.flatMap((service) => list(service).map((method) => `/${service}/${method}`));
  return {
    allowed: each((service) => methods[service].repeatable),
    others: each((service) => [...methods[service].streams, "AnythingElse"]),
  };
}
