import type { Metadata } from "@grpc/grpc-js";

/** The names of the metadata that services send each other. */
export const HEADER = {
  authorization: "authorization",
  serviceToken: "kontor-service-token",
  /** Name and shared token of a caller, for and from versions before service tokens. */
  caller: "kontor-caller",
  callerToken: "kontor-caller-token",
  /** Digests of the network and the user agent that a public call comes from, set by the gateway. */
  clientNetwork: "kontor-client-network",
  clientProgram: "kontor-client-program",
  requestId: "x-request-id",
  traceparent: "traceparent",
  tracestate: "tracestate",
} as const;

/** Metadata of a call, read by lower-case name. */
export interface Headers {
  /** Returns the value of a name in lower case, or undefined. */
  get(name: string): string | undefined;
}

/** The first textual value of a name. */
export function textOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : value?.toString("latin1");
}
