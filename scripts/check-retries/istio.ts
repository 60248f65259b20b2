import { groupOf, type HttpRoute, istioDefault, type Manifest } from "./read.ts";

export const isIstio = (objects: readonly Manifest[]): boolean =>
  objects.some((object) => groupOf(object) === "security.istio.io");

/**
 * Returns how often Istio repeats a call to a Service by this path. Where no VirtualService names the Service, Istio repeats each call
 * twice, unless the mesh's configuration sets another number: no route of the Gateway API can.
 */
export function istioRepeats(objects: readonly Manifest[], host: string, path: string): number {
  const policy = istioDefault(objects);
  const fallback = policy ? (policy.attempts ?? 0) : 2;
  const virtual = objects.find(({ kind, spec }) => kind === "VirtualService" && spec.hosts?.includes(host));
  if (virtual === undefined) return fallback;
  const repeats = reached(virtual.spec.http ?? [], path).map(({ retries }) =>
    retries ? (retries.attempts ?? 0) : fallback,
  );
  return Math.max(0, ...repeats);
}

/** Returns the routes that may match the path: up to the first without further conditions. */
function reached(routes: readonly HttpRoute[], path: string): HttpRoute[] {
  const found: HttpRoute[] = [];
  for (const route of routes) {
    const fitting = (route.match ?? [{}]).filter(({ uri }) => !uri || new RegExp(`^(?:${uri.regex})$`).test(path));
    if (fitting.length > 0) found.push(route);
    if (fitting.some(({ headers }) => !headers)) break;
  }
  return found;
}
