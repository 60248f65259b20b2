import type { Renaming } from "./former-names.ts";

/** The streams of a system, and the rights of its services in NATS. A shop has one list of this shape. */
export interface Topology {
  /** One stream for a service. It carries the events of one proto package, under their full type names as subjects. */
  readonly streams: readonly StreamDeclaration[];
  /** Each durable consumer reads one stream and the listed event types. */
  readonly consumers: readonly ConsumerDeclaration[];
  /** The buckets and subscriptions of clients without an outbox, such as a gateway. Default: none. */
  readonly edges?: readonly EdgeDeclaration[];
  /**
   * How packages were renamed since the version before. Servers and consumers accept both names, so that pods of both versions run side by
   * side. Default: they were not.
   */
  readonly formerly?: Renaming;
}

/** A stream. Its name is durable: a new name starts empty. */
export interface StreamDeclaration {
  /** Name of the stream in JetStream. */
  readonly name: string;
  /** Such as `shop.orders.v1`; the stream has all subjects below it. */
  readonly package: string;
  /** The only service that publishes to it. */
  readonly service: string;
}

/** A durable consumer. Its name is durable: a new name receives all events again. */
export interface ConsumerDeclaration {
  /** Name of the consumer in JetStream. */
  readonly durable: string;
  /** The service that consumes. */
  readonly service: string;
  /** Name of the stream that it reads. */
  readonly stream: string;
  /** Full type names, such as `shop.orders.v1.OrderConfirmed`. */
  readonly events: readonly string[];
  /** Largest number of partitions between which replicas may divide it. Each has a durable of its own. Default 1: it is not divided. */
  readonly maxPartitions?: number;
}

/** Returns the name of the durable of a partition, from 0 on, of a consumer that is divided. */
export function partitionDurable(durable: string, partition: number): string {
  return `${durable}-p${partition}`;
}

/** A client that stores its state in NATS and receives events outside of JetStream. */
export interface EdgeDeclaration {
  /** The service that consumes. */
  readonly service: string;
  /** Full type names of the events that it subscribes to. */
  readonly listens: readonly string[];
  /** Streams that it makes for its state, with their subjects; the stream of a bucket `b` is `KV_b` with `$KV.b.>`. */
  readonly stores: readonly { readonly stream: string; readonly subjects: string }[];
}
