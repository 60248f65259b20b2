import { bothNames } from "./former-names.ts";
import {
  type ConsumerDeclaration,
  type EdgeDeclaration,
  partitionDurable,
  type StreamDeclaration,
  type Topology,
} from "./topology.ts";

/** A user of a NATS server and the subjects it may use. Everything else is refused. */
export interface NatsUser {
  /** Name of the user, which is that of the service. */
  readonly name: string;
  /** Subjects that it may publish to, with wildcards. */
  readonly publish: readonly string[];
  /** Subjects that it may subscribe to, with wildcards. */
  readonly subscribe: readonly string[];
}

/** The user of the tools of operators: it reads and manages streams, and publishes no event. */
export const OPERATOR = "operator";
/** The user of clients without credentials, where a server accepts such clients during an upgrade. */
export const ANONYMOUS = "anonymous";

/** Returns the subject on which the replicas of a service wake each other: events were committed, a lock was released. */
export function wakeUpSubject(service: string): string {
  return `kontor-messaging.${service}`;
}

/**
 * Returns the users that a topology needs: one for each service, which publishes the events of its own stream, reads its own
 * durables, and receives responses under its own inbox prefix; and the operator's.
 *
 * Rights are by subject. A service may define its own stream and its own durables. These rights therefore separate clients
 * with a service's credentials from all others; they do not restrict the code of the service itself.
 *
 * ```ts
 * const users = natsUsers({
 *   streams: [{ name: "orders", package: "shop.orders.v1", service: "orders" }],
 *   consumers: [{ durable: "mails-orders", service: "mails", stream: "orders", events: ["shop.orders.v1.OrderPlaced"] }],
 * });
 * serverUsers(users, (user) => `$2a$11$hash-of-${user}`);
 * ```
 */
export function natsUsers(topology: Topology): NatsUser[] {
  const { streams, consumers, edges = [] } = topology;
  const services = [...streams, ...consumers, ...edges].map(({ service }) => service);
  const users = [...new Set(services)].sort().map((service) => {
    const mine = <T extends { readonly service: string }>(all: readonly T[]) =>
      all.filter((one) => one.service === service);
    const messages = mine(streams).length + mine(consumers).length > 0;
    const wakeUp = messages ? [wakeUpSubject(service)] : [];
    return {
      name: service,
      publish: distinct([
        ...wakeUp,
        ...mine(streams).flatMap((stream) => owning(stream, topology)),
        ...mine(consumers).flatMap(reading),
        ...mine(edges).flatMap(({ stores }) => stores.flatMap(storing)),
      ]),
      subscribe: [
        `_INBOX.${service}.>`,
        ...wakeUp,
        ...mine(edges)
          .flatMap(({ listens }: EdgeDeclaration) => listens)
          .flatMap((event) => bothNames(topology, event)),
      ],
    };
  });
  const everyEvent = streams.flatMap((stream) => eventsOf(stream, topology));
  const operator = {
    name: OPERATOR,
    publish: ["$JS.API.>", "$JS.ACK.>"],
    subscribe: [`_INBOX.${OPERATOR}.>`, "$JS.EVENT.>", ...everyEvent],
  };
  return [...users, operator];
}

const distinct = (subjects: readonly string[]) => [...new Set(subjects)];

const defining = (stream: string) => ["INFO", "CREATE", "UPDATE"].map((verb) => `$JS.API.STREAM.${verb}.${stream}`);

const eventsOf = (stream: StreamDeclaration, topology: Topology) =>
  bothNames(topology, stream.package).map((name) => `${name}.>`);

function owning(stream: StreamDeclaration, topology: Topology): string[] {
  const { name } = stream;
  return [
    ...eventsOf(stream, topology),
    ...defining(name),
    `$JS.API.STREAM.MSG.GET.${name}`,
    ...looking(name, topology),
  ];
}

/** Returns the rights of a relay to read by which names of a renamed package its consumers receive events. */
function looking(stream: string, { consumers, formerly }: Topology): string[] {
  if (formerly === undefined) return [];
  const readers = consumers.filter((consumer) => consumer.stream === stream);
  return readers.flatMap(durablesOf).map((name) => `$JS.API.CONSUMER.INFO.${stream}.${name}`);
}

function durablesOf({ durable, maxPartitions = 1 }: ConsumerDeclaration): string[] {
  const partitions = Array.from({ length: maxPartitions > 1 ? maxPartitions : 0 }, (_, index) => index);
  return [durable, ...partitions.map((index) => partitionDurable(durable, index))];
}

function reading(consumer: ConsumerDeclaration): string[] {
  const { stream } = consumer;
  const verbs = ["INFO", "CREATE", "DURABLE.CREATE", "MSG.NEXT", "RESET", "DELETE"];
  return durablesOf(consumer).flatMap((name) => [
    ...verbs.map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.${name}`),
    `$JS.ACK.${stream}.${name}.>`,
  ]);
}

function storing({ stream, subjects }: { readonly stream: string; readonly subjects: string }): string[] {
  return [subjects, ...defining(stream), `$JS.API.STREAM.MSG.GET.${stream}`];
}

/**
 * Renders the part of a server's configuration that names its users. `passwordOf` returns the value that the server compares with: a bcrypt
 * hash, or the password itself in a test. With `anonymous` a client without credentials may do everything: only during an upgrade from a
 * version whose clients have none.
 */
export function serverUsers(
  users: readonly NatsUser[],
  passwordOf: (user: string) => string,
  { anonymous = false }: { readonly anonymous?: boolean } = {},
): string {
  const known = users.map(({ name, publish, subscribe }) => ({
    user: name,
    password: passwordOf(name),
    permissions: { publish: { allow: publish }, subscribe: { allow: subscribe } },
  }));
  const unknown = anonymous ? [{ user: ANONYMOUS, password: "" }] : [];
  const lines = [...known, ...unknown].map((user) => `    ${JSON.stringify(user)}`);
  return `authorization: {\n  users: [\n${lines.join("\n")}\n  ]\n}\n${anonymous ? `no_auth_user: ${ANONYMOUS}\n` : ""}`;
}
