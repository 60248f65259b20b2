import type { StreamDeclaration, Topology } from "@kontor/nats";

export type { ConsumerDeclaration, StreamDeclaration, Topology } from "@kontor/nats";

/** Returns the stream that a service publishes to, if it publishes. */
export function ownStream(topology: Topology, service: string): StreamDeclaration | undefined {
  return topology.streams.find((stream) => stream.service === service);
}

/** Returns the declared stream of that name. Throws if there is none. */
export function streamNamed(topology: Topology, name: string): StreamDeclaration {
  const stream = topology.streams.find((candidate) => candidate.name === name);
  if (!stream) throw new Error(`The topology has no stream ${name}.`);
  return stream;
}
