import { addAbortListener } from "node:events";
import type { Nats } from "@kontor/nats";
import type { Database } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { jittered, pause } from "./pause.ts";
import { TooFewServersError } from "./too-few-servers.ts";
import type { Wake } from "./wake-subject.ts";
import { createWakeUpSignal } from "./wake-up-signal.ts";

/** Work that one replica does at a time, while it has NATS and the lock. */
export interface Leadership {
  /** Name of the advisory lock, unique within the database. */
  readonly lock: string;
  /** Whether other replicas may have the lock, too. Default: one replica has it. */
  readonly shared?: boolean;
  readonly db: Database;
  readonly nats: Nats;
  readonly log: Logger;
  /** Longest time between two attempts of a standby. It also attempts when the holder announces that it released the lock. */
  readonly lockRetryMs: number;
  readonly wake: Wake;
  /**
   * Must return soon after `ended` aborts: the lock or NATS is lost, or the process stops. Its errors are logged and the work is retried.
   */
  readonly work: (nc: NatsConnection, ended: AbortSignal) => Promise<void>;
}

/** Does the work whenever this replica has NATS and the lock, until `stop` aborts. */
export async function lead(leadership: Leadership, stop: AbortSignal): Promise<void> {
  const { lock, shared = false, db, nats, log, lockRetryMs, wake, work } = leadership;
  const released = createWakeUpSignal();
  using _ = { [Symbol.dispose]: wake.observe(lock, released.send) };
  let failures = 0;
  while (!stop.aborted) {
    const session = await nats.session(stop);
    if (!session) return;
    try {
      const lease = await db.lock(lock, { shared });
      if (!lease) {
        await released.wait(jittered(lockRetryMs), stop);
        continue;
      }
      try {
        log.debug({ lock }, "leadership acquired");
        await untilAborted([stop, session.lost, lease.lost], (ended) => work(session.nc, ended));
        failures = 0;
      } finally {
        await lease.release();
        wake.announce(lock);
      }
    } catch (error) {
      if (!stop.aborted && !session.lost.aborted) report(log, lock, error);
      failures += 1;
    }
    await pause(jittered(Math.min(5_000, 50 * 2 ** Math.min(failures, 7))), stop);
  }
}

/** Runs work with a signal that aborts with the first of `signals`, and leaves no listener on them. */
async function untilAborted(
  signals: readonly AbortSignal[],
  work: (ended: AbortSignal) => Promise<void>,
): Promise<void> {
  const ended = new AbortController();
  const listeners = signals.map((signal) => addAbortListener(signal, () => ended.abort()));
  try {
    if (signals.some(({ aborted }) => aborted)) ended.abort();
    await work(ended.signal);
  } finally {
    for (const listener of listeners) listener[Symbol.dispose]();
  }
}

function report(log: Logger, lock: string, error: unknown): void {
  const missing = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
  const level = error instanceof TooFewServersError ? "error" : "warn"; // An operator must repair it.
  if (missing) log.info({ lock }, "stream not found; retrying");
  else log[level]({ err: error, lock }, "leadership lost; retrying");
}
