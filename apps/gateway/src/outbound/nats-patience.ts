import { setTimeout as delay } from "node:timers/promises";
import type { Nats } from "@kontor/nats";
import { isPassing } from "./nats-errors.ts";

/** The time in which a cluster may elect a leader after a crash: NATS waits 4 to 9 s before it votes. */
const ELECTION_MS = 12_000;
/** The time to connect to a server, at first and after a crash; after it NATS counts as unreachable. */
const RECONNECT_MS = 2_000;

/**
 * Repeats work while a cluster may be electing a leader, until the signal aborts. Errors that waiting cannot cure are thrown at once, as
 * are all errors while NATS is known to be unreachable. Work can check `isOver` for whether its time has passed.
 */
export type Patiently = <T>(work: (isOver: () => boolean) => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** Returns the patience for a stream of that many replicas: none for one. */
export function createPatience(nats: Nats, replicas: number): Patiently {
  if (replicas === 1) return (work) => work(() => false);
  let lostAt = performance.now();
  nats.observe({ up: () => {}, down: () => (lostAt = performance.now()) });
  const mayPass = (error: unknown) =>
    nats.current() === undefined ? performance.now() < lostAt + RECONNECT_MS : isPassing(error);

  return async (work, signal) => {
    const end = performance.now() + ELECTION_MS;
    const isOver = () => performance.now() >= end;
    for (;;) {
      try {
        return await before(end, work(isOver));
      } catch (error) {
        if (isOver() || signal?.aborted || !mayPass(error)) throw error;
        await delay(100 + Math.random() * 300);
      }
    }
  };
}

/** Resolves to the result of the work, if it ends in time. The work continues in any case. */
async function before<T>(end: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () => reject(new Error("NATS took too long."));
  const timer = setTimeout(late, Math.ceil(Math.max(0, end - performance.now())));
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
