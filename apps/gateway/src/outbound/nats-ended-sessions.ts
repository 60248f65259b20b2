import { bothNames, type Nats } from "@kontor/nats";
import { topology } from "@kontor/shop";
import { SessionEndedSchema } from "@kontor/shop/contracts/users/v1/events";
import type { NatsConnection } from "@nats-io/transport-node";
import { keyOf } from "./nats-invalidations.ts";

/**
 * Calls `end` with the id of each session that ends. A plain subscription suffices: sessions that it misses while the connection is lost
 * are in the list that is read again (`policy/ended-sessions.ts`).
 */
export function listenForEndedSessions(nats: Nats, end: (sessionId: string) => void): void {
  let subscribed: NatsConnection | undefined;
  nats.observe({
    up(connection) {
      if (subscribed === connection) return; // A reconnected client renews its subscriptions itself.
      subscribed = connection;
      for (const subject of bothNames(topology, SessionEndedSchema.typeName))
        connection.subscribe(subject, {
          callback(error, message) {
            const sessionId = error ? undefined : keyOf(message);
            if (sessionId !== undefined) end(sessionId);
          },
        });
    },
    down() {},
  });
}
