/** A Service of Kubernetes as callers name it: `kubernetes:///orders.shop:grpc`. */
export interface ServiceTarget {
  /** Name of the Service. */
  readonly service: string;
  /** Default: the namespace this process is in. */
  readonly namespace?: string;
  /** Name or number of the port that the pods listen on. */
  readonly port: string;
}

const form =
  /^kubernetes:\/\/\/([a-z]([-a-z0-9]*[a-z0-9])?)(?:\.([a-z0-9]([-a-z0-9]*[a-z0-9])?))?:([a-z0-9-]{1,15}|\d{1,5})$/;

/**
 * Reads `kubernetes:///service.namespace:port`, of which the namespace may be missing. Undefined if it is something else.
 *
 * ```ts
 * parseServiceTarget("kubernetes:///orders.shop:grpc"); // { service: "orders", namespace: "shop", port: "grpc" }
 * parseServiceTarget("localhost:5054"); // undefined
 * ```
 */
export function parseServiceTarget(text: string): ServiceTarget | undefined {
  const [, service, , namespace, , port] = form.exec(text) ?? [];
  if (service === undefined || port === undefined) return undefined;
  return { service, port, ...(namespace !== undefined && { namespace }) };
}

/** Returns whether an address is resolved by EndpointSlices. */
export function isServiceTarget(address: string): boolean {
  return address.startsWith("kubernetes:");
}
