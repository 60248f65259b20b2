import { bothNames, type Nats } from "@kontor/nats";
import { topology } from "@kontor/shop";
import type { Logger } from "@kontor/telemetry";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { ResponseCache } from "../policy/cache/response-cache.ts";

/**
 * Drops cached responses when events change them. The subject of an event is its type, `ce-partitionkey` its key. Plain subscriptions are
 * enough: they miss nothing while the connection lasts, and its loss clears the cache.
 */
export function listenForInvalidations(nats: Nats, cache: ResponseCache, log: Logger): void {
  let connected = 0;
  let subscribed: NatsConnection | undefined;
  const subscribe = (connection: NatsConnection) => {
    for (const event of cache.events())
      for (const subject of bothNames(topology, event))
        connection.subscribe(subject, {
          callback: (error, message) => cache.invalidate(event, error ? undefined : keyOf(message)),
        });
  };
  nats.observe({
    up(connection) {
      const mine = ++connected;
      if (subscribed !== connection) subscribe(connection); // A reconnected client renews its subscriptions itself.
      subscribed = connection;
      connection
        .flush() // The server has them now.
        .then(() => {
          if (mine === connected && nats.current() !== undefined) cache.hears(true);
        })
        .catch((err: unknown) =>
          log.warn({ err }, "invalidation events not received; responses that they change are not cached"),
        );
    },
    down() {
      connected++;
      cache.hears(false);
    },
  });
}

/** Returns the key of an event. */
export function keyOf({ headers }: Msg): string | undefined {
  const key = headers?.get("ce-partitionkey");
  if (key === undefined || key === "") return undefined;
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
