import { type Nats, wakeUpSubject } from "@kontor/nats";
import type { Subscription } from "@nats-io/transport-node";

/** The announcements between replicas of a service. `outbox`: events were committed. Else the name of a lock that was released. */
type Announcement = "outbox" | (string & {});

/** Wake-up signals between the replicas of a service. They are hints: a replica that misses one polls. */
export interface Wake {
  /** Announces something to the other replicas, if NATS is there. */
  announce(what: Announcement): void;
  /** Calls `listener` at each announcement of `what` by any replica, until the returned function is called. */
  observe(what: Announcement, listener: () => void): () => void;
  /** Returns whether announcements of other replicas arrive now. */
  reachable(): boolean;
}

/**
 * Creates the wake-up signals of a service, on a subject of its own in NATS. A server with the rights of a previous release refuses the
 * subject; then nothing is announced, and `reachable` returns false.
 */
export function createWake(nats: Nats, service: string): Wake {
  const listeners = new Map<Announcement, Set<() => void>>();
  const subject = wakeUpSubject(service);
  let subscription: Subscription | undefined;

  function receive(what: string): void {
    for (const listener of listeners.get(what) ?? []) listener();
  }
  nats.observe({
    up(connection) {
      const opened = connection.subscribe(subject, {
        callback: (error, message) => {
          if (!error) receive(message.string());
          else if (subscription === opened) subscription = undefined;
        },
      });
      subscription = opened;
    },
    down() {
      subscription?.unsubscribe();
      subscription = undefined;
    },
  });
  return {
    announce: (what) => {
      if (subscription) nats.current()?.publish(subject, what);
    },
    observe: (what, listener) => {
      const known = listeners.get(what) ?? new Set();
      listeners.set(what, known.add(listener));
      return () => known.delete(listener);
    },
    reachable: () => subscription !== undefined,
  };
}
