/** Which streams exist and who hears what. The shop's list is `topology` of @kontor/contracts, which has this shape. */
export interface Topology {
  /** One stream for a service. It carries the events of one proto package, under their full type names as subjects. */
  readonly streams: readonly StreamDeclaration[];
  /** Each durable consumer reads one stream and the listed event types. */
  readonly consumers: readonly ConsumerDeclaration[];
}

/** A stream. Its name is durable: a new name starts empty. */
export interface StreamDeclaration {
  readonly name: string;
  /** Such as `kontor.orders.v1`; the stream's subjects are everything below it. */
  readonly package: string;
  /** The only service that publishes to it. */
  readonly service: string;
}

/** A durable consumer. Its name is durable: a new name hears everything again. */
export interface ConsumerDeclaration {
  readonly durable: string;
  readonly service: string;
  readonly stream: string;
  /** Full type names, such as `kontor.orders.v1.OrderConfirmed`. */
  readonly events: readonly string[];
}

/** The stream a service publishes to, if it publishes. */
export function ownStream(topology: Topology, service: string): StreamDeclaration | undefined {
  return topology.streams.find((stream) => stream.service === service);
}

/** The declared stream of that name; throws if there is none. */
export function streamNamed(topology: Topology, name: string): StreamDeclaration {
  const stream = topology.streams.find((candidate) => candidate.name === name);
  if (!stream) throw new Error(`The topology has no stream ${name}.`);
  return stream;
}
