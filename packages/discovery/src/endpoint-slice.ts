/**
 * The fields of an EndpointSlice that are read (https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/).
 */
export interface EndpointSlice {
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string };
  readonly addressType?: string;
  readonly endpoints?: readonly SliceEndpoint[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
}

interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  readonly targetRef?: { readonly uid?: string };
}

/**
 * Returns the addresses, as `host:port`, of pods that are ready and do not terminate. If there is none, it returns those of
 * terminating pods that still serve, as kube-proxy does. A pod in several slices counts once, with its IPv4
 * address if it has both.
 */
export function addressesOf(slices: Iterable<EndpointSlice>, port: string): readonly string[] {
  const ready = new Map<string, string>();
  const leaving = new Map<string, string>();
  const ordered = [...slices].sort((one, other) => (one.addressType ?? "").localeCompare(other.addressType ?? ""));
  for (const slice of ordered) {
    const number = slice.ports?.find(({ name, port: value }) => name === port || String(value) === port)?.port;
    if (number === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const [address] = endpoint.addresses;
      const group = groupOf(endpoint);
      if (address === undefined || group === "absent") continue;
      const pods = group === "ready" ? ready : leaving;
      const pod = endpoint.targetRef?.uid ?? address;
      if (!pods.has(pod)) pods.set(pod, `${address.includes(":") ? `[${address}]` : address}:${number}`);
    }
  }
  return [...(ready.size > 0 ? ready : leaving).values()].sort();
}

/** Returns whether an endpoint gets calls. Absent conditions mean ready and not terminating; `serving` then equals `ready`. */
function groupOf({ conditions = {} }: SliceEndpoint): "ready" | "leaving" | "absent" {
  const { ready = true, serving = ready, terminating = false } = conditions;
  if (ready && !terminating) return "ready";
  return serving && terminating ? "leaving" : "absent";
}
