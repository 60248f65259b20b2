import { parseServiceTarget } from "@kontor/discovery";
import { inProcessService } from "../../in-process/address.ts";

/**
 * The addresses of one callee: `host:port`, `dns:///name:port` for all addresses of a name, or
 * `kubernetes:///service.namespace:port` for the pods of a Service, or `in-process:///service` for a server of this process.
 */
export type Addresses = readonly string[];

/** The forms of an address, for error messages. */
const ADDRESS_FORMS =
  "host:port, dns:///name:port, kubernetes:///service.namespace:port, in-process:///service, or a list of them with commas";

const hostAndPort = /^(dns:\/{0,3})?(\[[^\]\s]+\]|[^:\s,[\]]+):(\d{1,5})$/;

/** Reads a list of addresses with commas. @throws Error that names the invalid address and its fault */
export function parseAddresses(text: string): Addresses {
  const addresses = text.split(",").map((each) => each.trim());
  for (const each of addresses) check(each);
  return [...new Set(addresses)];
}

function check(text: string): void {
  if (inProcessService(text) !== undefined) return;
  if (!hostAndPort.test(text) && parseServiceTarget(text) === undefined)
    throw new Error(`"${text}" is not ${ADDRESS_FORMS}.`);
  // A value that is no number is the name of a Kubernetes port.
  const port = text.slice(text.lastIndexOf(":") + 1);
  if (/^\d+$/.test(port) && (Number(port) < 1 || Number(port) > 65_535))
    throw new Error(`The port of ${text} is not between 1 and 65535.`);
}

/** Returns the name and port to resolve; undefined for an address. */
export function nameToResolve(text: string): { readonly name: string; readonly port: string } | undefined {
  const [, scheme, name = "", port = ""] = hostAndPort.exec(text) ?? [];
  return scheme === undefined ? undefined : { name, port };
}
