import { groupOf, istioDefault } from "./read.mjs";

export const isIstio = (objects) => objects.some((object) => groupOf(object) === "security.istio.io");

/**
 * How often Istio repeats a call to a Service by this path. Where no VirtualService says, Istio repeats twice whatever it
 * is, unless the mesh's configuration says otherwise: no route of the Gateway API can.
 */
export function istioRepeats(objects, host, path) {
  const policy = istioDefault(objects);
  const fallback = policy ? (policy.attempts ?? 0) : 2;
  const virtual = objects.find(({ kind, spec }) => kind === "VirtualService" && spec.hosts.includes(host));
  if (virtual === undefined) return fallback;
  const repeats = reached(virtual.spec.http, path).map(({ retries }) => (retries ? (retries.attempts ?? 0) : fallback));
  return Math.max(0, ...repeats);
}

/** Returns the routes that may match the path: up to the first without further conditions. */
function reached(routes, path) {
  const found = [];
  for (const route of routes) {
    const fitting = (route.match ?? [{}]).filter(({ uri }) => !uri || new RegExp(`^(?:${uri.regex})$`).test(path));
    if (fitting.length > 0) found.push(route);
    if (fitting.some(({ headers }) => !headers)) break;
  }
  return found;
}
