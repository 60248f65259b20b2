import { parseServiceTarget } from "@kontor/discovery";

/**
 * The addresses of one upstream, as configured: `host:port`, `dns:///name:port` for all that a name resolves to, or
 * `kubernetes:///service.namespace:port` for the pods of a Service.
 */
export type UpstreamAddresses = readonly string[];

const hostAndPort = /^(dns:\/{0,3})?(\[[^\]\s]+\]|[^:\s,[\]]+):(\d{1,5})$/;

/** Reads GATEWAY_UPSTREAMS. @throws Error saying what is wrong */
export function parseUpstreams(text: string): ReadonlyMap<string, UpstreamAddresses> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Error("GATEWAY_UPSTREAMS is not JSON.", { cause });
  }
  const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  if (!isObject) throw new Error("GATEWAY_UPSTREAMS is not a JSON object.");
  return new Map(Object.entries(parsed as object).map(([service, value]) => [service, addressesOf(service, value)]));
}

function addressesOf(service: string, value: unknown): UpstreamAddresses {
  const addresses = typeof value === "string" ? value.split(",").map((text) => text.trim()) : [];
  if (addresses.length > 0 && addresses.every(isAddress)) {
    for (const each of addresses) checkPort(service, each);
    return [...new Set(addresses)];
  }
  throw new Error(
    `GATEWAY_UPSTREAMS: the address of "${service}" is not host:port, dns:///name:port, kubernetes:///service.namespace:port, or a list of them with commas.`,
  );
}

function isAddress(text: string): boolean {
  return hostAndPort.test(text) || parseServiceTarget(text) !== undefined;
}

/** What is no number is the name of a port of Kubernetes. */
function checkPort(service: string, text: string): void {
  const port = text.slice(text.lastIndexOf(":") + 1);
  if (!/^\d+$/.test(port) || (Number(port) >= 1 && Number(port) <= 65_535)) return;
  throw new Error(`GATEWAY_UPSTREAMS: the port of "${service}" in ${text} is not between 1 and 65535.`);
}

/** The name and port to resolve; undefined for an address. */
export function nameToResolve(text: string): { readonly name: string; readonly port: string } | undefined {
  const [, scheme, name = "", port = ""] = hostAndPort.exec(text) ?? [];
  return scheme === undefined ? undefined : { name, port };
}
