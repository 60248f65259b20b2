import { type Addresses, parseAddresses } from "@kontor/rpc";

/** Reads GATEWAY_UPSTREAMS. @throws Error that names the invalid part */
export function parseUpstreams(text: string): ReadonlyMap<string, Addresses> {
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

/**
 * Returns where a service is served: at its own addresses or those under its former name, else where another service of its package is, else at
 * those of `*`.
 */
export function upstreamOf(
  addresses: ReadonlyMap<string, Addresses>,
  typeName: string,
  formerName: string | undefined,
): Addresses | undefined {
  const own = addresses.get(typeName) ?? (formerName === undefined ? undefined : addresses.get(formerName));
  const packageOf = (name: string) => name.slice(0, name.lastIndexOf("."));
  const sibling = () => [...addresses].find(([name]) => packageOf(name) === packageOf(typeName))?.[1];
  return own ?? sibling() ?? addresses.get("*");
}

function addressesOf(service: string, value: unknown): Addresses {
  try {
    return parseAddresses(typeof value === "string" ? value : JSON.stringify(value));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`GATEWAY_UPSTREAMS: the addresses of "${service}" are wrong. ${what}`, { cause });
  }
}
