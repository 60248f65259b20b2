import { groupOf } from "./read.mjs";

export const isLinkerd = (objects) => objects.some((object) => groupOf(object) === "policy.linkerd.io");

const RETRY = "retry.linkerd.io/";
const asks = ({ metadata }) => Object.keys(metadata.annotations ?? {}).some((name) => name.startsWith(RETRY));
const limit = ({ metadata }) => Number(metadata.annotations[`${RETRY}limit`] ?? 1);

/** How often Linkerd repeats a gRPC call to a Service: as the Service says, or the routes that take the path. */
export function linkerdRepeats(objects, host, path) {
  const service = objects.filter(({ kind, metadata }) => kind === "Service" && metadata.name === host);
  const routes = objects.filter(
    ({ kind, spec }) =>
      (kind === "GRPCRoute" || kind === "HTTPRoute") &&
      spec.parentRefs.some((parent) => parent.kind === "Service" && parent.name === host) &&
      spec.rules.some((rule) => (rule.matches ?? [{}]).some((match) => takes(match, path))),
  );
  return Math.max(0, ...[...service, ...routes].filter(asks).map(limit));
}

const takes = ({ method }, path) => !method || path === `/${method.service}/${method.method}`;
