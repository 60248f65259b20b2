import type { Install } from "./install.ts";

/** The Service that a host name of a pod's settings means, if it is one of this cluster. */
export function serviceOf(host: string, ownNamespace: string): { name: string; namespace: string } | undefined {
  const [name = "", namespace = ownNamespace, svc = "svc", ...domain] = host.split(".");
  const inside = svc === "svc" && (domain.length === 0 || domain.join(".") === "cluster.local");
  return inside && name !== "localhost" && !/^\d+$/.test(name) ? { name, namespace } : undefined;
}

/** Makes a `url` of pods reachable from this machine until `work` ends. An address outside of the cluster is used unchanged. */
export async function reached<T>(
  { kube, namespace }: Install,
  url: string,
  defaultPort: number,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const { hostname, port } = new URL(url);
  const service = serviceOf(hostname, namespace);
  if (!service) return work(url);
  const cluster = service.namespace === namespace ? kube : kube.in(service.namespace);
  return cluster.forward(`service/${service.name}`, Number(port || defaultPort), (local) => {
    const here = new URL(url);
    here.hostname = "127.0.0.1";
    here.port = String(local);
    return work(here.href);
  });
}
