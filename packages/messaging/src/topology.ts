import { bothNames, type Renamed, type StreamDeclaration, type Topology } from "@kontor/nats";

export type { ConsumerDeclaration, StreamDeclaration, Topology } from "@kontor/nats";

/** A stream of a topology, and how its package was renamed. */
export type Stream = StreamDeclaration & Renamed;

/** Returns the stream that a service publishes to, if it publishes. */
export function ownStream({ streams, formerly }: Topology, service: string): Stream | undefined {
  const stream = streams.find((candidate) => candidate.service === service);
  return stream && { ...stream, formerly };
}

/** Returns the declared stream of that name. Throws if there is none. */
export function streamNamed({ streams, formerly }: Topology, name: string): Stream {
  const stream = streams.find((candidate) => candidate.name === name);
  if (!stream) throw new Error(`The topology has no stream ${name}.`);
  return { ...stream, formerly };
}

/** Returns the subjects of a stream: the events of its package, by the present name and the former one. */
export function subjectsOf(stream: Stream): string[] {
  return bothNames(stream, stream.package).map((name) => `${name}.>`);
}
