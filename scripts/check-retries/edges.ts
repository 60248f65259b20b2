import { isIstio, istioRepeats } from "./istio.ts";
import { isLinkerd, linkerdRepeats } from "./linkerd.ts";
import { type Manifest, objectsOf, ofApp } from "./read.ts";

/** The call graph of the chart: `charts/kontor/files/call-graph.yaml`. */
export interface CallGraph {
  readonly calls: Readonly<Record<string, readonly string[]>>;
  /** The app that serves each service of a contract. */
  readonly upstreams: Readonly<Record<string, string>>;
  readonly methods: Readonly<
    Record<string, { readonly repeatable: readonly string[]; readonly streams: readonly string[] }>
  >;
}

/** A caller and its callee: whether the caller's app repeats calls, and how often the mesh does. */
export interface Edge {
  readonly caller: string;
  readonly callee: string;
  readonly app: boolean;
  readonly mesh: number;
  /** Paths that the mesh repeats although their contract does not allow it. */
  readonly unsafe: readonly string[];
}

/** What is wrong with the edges of manifests, and a line for each edge. */
export interface RetryReport {
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

const simulators: Readonly<Record<string, string>> = { payments: "psp-simulator", shipping: "carrier-simulator" };

/** Reports which side repeats the calls of each edge of the graph in manifests. An edge that both repeat is a problem. */
export function retryReport(manifests: readonly string[], graph: CallGraph): RetryReport {
  const edges = retriesByEdge(manifests.flatMap(objectsOf), graph);
  const lines = edges.map(({ caller, callee, app, mesh, unsafe }) => {
    const who = [app && "app", mesh > 0 && `mesh (${mesh}×)`].filter(Boolean).join(" AND ") || "none";
    return `${caller} → ${callee}: ${who}${unsafe.map((path) => `; NOT REPEATABLE: ${path}`).join("")}`;
  });
  const wrong = edges.filter(({ app, mesh, unsafe }) => (app && mesh > 0) || unsafe.length > 0);
  if (edges.length === 0) return { lines, problems: ["These manifests have no edge of the call graph."] };
  const problem = `${wrong.length} of ${edges.length} edges are repeated twice, or should not be.`;
  return { lines, problems: wrong.length > 0 ? [problem] : [] };
}

/** Returns the edges of the graph that manifests have both ends of. */
export function retriesByEdge(objects: readonly Manifest[], graph: CallGraph): Edge[] {
  return edgesOf(graph).flatMap(({ caller, callee, app }) => {
    const service = ofApp(objects, "Service", callee).find(isCalled);
    if (service === undefined || workloadsOf(objects, caller).length === 0) return [];
    const repeats = (path: string) => meshRepeats(objects, service.metadata.name, path);
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

/** Returns calls by gRPC, which a setting turns on and off, and webhooks and calls of simulators, which their senders always repeat. */
function edgesOf({ calls }: CallGraph) {
  const rpc = Object.entries(calls).flatMap(([caller, callees]) =>
    callees.map((callee) => ({ caller, callee, app: false })),
  );
  const out = Object.entries(simulators).map(([caller, callee]) => ({ caller, callee, app: true }));
  const webhooks = Object.values(simulators).map((caller) => ({ caller, callee: "gateway", app: true }));
  return [...rpc, ...out, ...webhooks];
}

/** Services are Deployments, simulators are StatefulSets. */
const workloadsOf = (objects: readonly Manifest[], app: string) =>
  ["Deployment", "StatefulSet"].flatMap((kind) => ofApp(objects, kind, app));

/** Neither for the version of a canary, which routes lead to, nor for callers that balance themselves. */
const isCalled = ({ spec }: Manifest) => spec.clusterIP !== "None" && !spec.selector?.track;

function meshRepeats(objects: readonly Manifest[], host: string, path: string): number {
  if (isIstio(objects)) return istioRepeats(objects, host, path);
  return isLinkerd(objects) ? linkerdRepeats(objects, host, path) : 0;
}

function appRepeats(objects: readonly Manifest[], caller: string): boolean {
  const containers = workloadsOf(objects, caller).flatMap(({ spec }) => spec.template?.spec.containers ?? []);
  const settings = containers.map(({ env }) => env.find(({ name }) => name === "RPC_RETRIES")?.value ?? "on");
  return settings.some((value) => !/^(off|false|0|no)$/i.test(value));
}

/** Returns paths that may be repeated, and some that may not: streams, what is not known to be safe, and all of HTTP. */
function pathsOf(callee: string, { upstreams, methods }: CallGraph) {
  const services = Object.keys(upstreams).filter((service) => upstreams[service] === callee);
  if (services.length === 0) return { allowed: [], others: ["/"] };
  const each = (list: (service: string) => readonly string[]) =>
    services.flatMap((service) => list(service).map((method) => `/${service}/${method}`));
  return {
    allowed: each((service) => methods[service]?.repeatable ?? []),
    others: each((service) => [...(methods[service]?.streams ?? []), "AnythingElse"]),
  };
}
