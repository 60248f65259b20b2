import type { Ports, ProcessSpec } from "@kontor/launcher";
import { type ServiceName, serviceNames, services } from "@kontor/shop";
import { freePort } from "@kontor/testing";

/** Returns the name of a replica: `orders`, `orders-2` and so on. */
export const replicaName = (service: string, number: number) => (number === 1 ? service : `${service}-${number}`);

/**
 * Runs each service as several processes over one database and one NATS user. All callers and the gateway balance over their addresses.
 * Returns the processes in the order of their start: the first replica of each service migrates, so it precedes the others.
 */
export async function replicated(
  specs: readonly ProcessSpec[],
  ports: Ports,
  replicas: number,
): Promise<ProcessSpec[]> {
  if (replicas === 1) return [...specs];
  const addresses = new Map<ServiceName, string[]>();
  const more: ProcessSpec[] = [];
  for (const service of serviceNames) {
    const own = [`127.0.0.1:${ports[service]}`];
    addresses.set(service, own);
    for (let number = 2; number <= replicas; number += 1) {
      const [grpc, metrics] = [await freePort(), await freePort()];
      own.push(`127.0.0.1:${grpc}`);
      const first = specs.find(({ name }) => name === service);
      if (first === undefined) throw new Error(`There is no process ${service}.`);
      more.push({
        name: replicaName(service, number),
        app: service,
        readyUrl: `http://127.0.0.1:${metrics}/readyz`,
        env: { ...first.env, GRPC_PORT: String(grpc), METRICS_PORT: String(metrics) },
      });
    }
  }
  const of = (service: ServiceName) => addresses.get(service)?.join(",") ?? "";
  const peers = Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_ADDRESS`, of(name)]));
  const upstreams = JSON.stringify(Object.fromEntries(serviceNames.map((name) => [services[name].contract, of(name)])));
  const isService = ({ app, name }: ProcessSpec) => serviceNames.some((service) => service === (app ?? name));
  return [...specs.filter(isService), ...more, ...specs.filter((spec) => !isService(spec))].map((spec) => ({
    ...spec,
    env: { ...spec.env, ...(isService(spec) ? peers : spec.name === "gateway" && { GATEWAY_UPSTREAMS: upstreams }) },
  }));
}
