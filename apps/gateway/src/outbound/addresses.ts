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

function addressesOf(service: string, value: unknown): Addresses {
  try {
    return parseAddresses(typeof value === "string" ? value : JSON.stringify(value));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`GATEWAY_UPSTREAMS: the addresses of "${service}" are wrong. ${what}`, { cause });
  }
}
