import { setTimeout as delay } from "node:timers/promises";
import type { Nats } from "@kontor/nats";
import { isPassing } from "./nats-errors.ts";

/** How long one of several servers may take to lead in place of another that died: NATS waits 4 to 9 s before it votes. */
const ELECTION_MS = 12_000;
/** How long the way to a server may take, at first and when one died; then NATS is known to be away. */
const RECONNECT_MS = 2_000;

/**
 * Does work again while a cluster may be choosing another leader, until the signal aborts. What waiting cannot cure is
 * thrown at once, and so is everything while NATS is known to be away. Work that ends too late learns it from `isOver`.
 */
export type Patiently = <T>(work: (isOver: () => boolean) => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** The patience with a stream of so many copies: none with one. */
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

/** What the work comes to, if it does in time. It goes on in any case. */
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
