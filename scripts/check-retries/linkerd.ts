import { groupOf, type Manifest, type RouteMatch } from "./read.ts";

export const isLinkerd = (objects: readonly Manifest[]): boolean =>
  objects.some((object) => groupOf(object) === "policy.linkerd.io");

const RETRY = "retry.linkerd.io/";
const repeats = ({ metadata }: Manifest) =>
  Object.keys(metadata.annotations ?? {}).some((name) => name.startsWith(RETRY));
const limit = ({ metadata }: Manifest) => Number(metadata.annotations?.[`${RETRY}limit`] ?? 1);

/** Returns how often Linkerd repeats a gRPC call to a Service: as the Service says, or the routes that take the path. */
export function linkerdRepeats(objects: readonly Manifest[], host: string, path: string): number {
  const service = objects.filter(({ kind, metadata }) => kind === "Service" && metadata.name === host);
  const routes = objects.filter(
    ({ kind, spec }) =>
      (kind === "GRPCRoute" || kind === "HTTPRoute") &&
      spec.parentRefs?.some((parent) => parent.kind === "Service" && parent.name === host) &&
      spec.rules?.some((rule) => (rule.matches ?? [{}]).some((match) => takes(match, path))),
  );
  return Math.max(0, ...[...service, ...routes].filter(repeats).map(limit));
}

const takes = ({ method }: RouteMatch, path: string) => !method || path === `/${method.service}/${method.method}`;
