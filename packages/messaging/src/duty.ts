import type { Database } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Link } from "./link.ts";
import { jittered, pause } from "./pause.ts";
import { TooFewServersError } from "./too-few-servers.ts";

/** Work that one replica does at a time, while it has NATS and the lock. */
export interface Duty {
  /** Name of the advisory lock, unique within the database. */
  readonly lock: string;
  readonly db: Database;
  readonly link: Link;
  readonly log: Logger;
  readonly lockRetryMs: number;
  /** Must return soon after `off` aborts: the lock or NATS is lost, or the process stops. What it throws is logged and tried again. */
  readonly work: (nc: NatsConnection, off: AbortSignal) => Promise<void>;
}

/** Performs a duty whenever it is this replica's turn, until `stop` aborts. */
export async function perform(duty: Duty, stop: AbortSignal): Promise<void> {
  let failures = 0;
  while (!stop.aborted) {
    const session = await duty.link.session(stop);
    if (!session) return;
    try {
      const lease = await duty.db.lock(duty.lock);
      if (!lease) {
        await pause(jittered(duty.lockRetryMs), stop);
        continue;
      }
      try {
        duty.log.debug({ lock: duty.lock }, "on duty");
        await duty.work(session.nc, AbortSignal.any([stop, session.lost, lease.lost]));
        failures = 0;
      } finally {
        await lease.release();
      }
    } catch (error) {
      const level = error instanceof TooFewServersError ? "error" : "warn"; // Only people can help.
      if (!stop.aborted && !session.lost.aborted)
        duty.log[level]({ err: error, lock: duty.lock }, "off duty after a failure, trying on");
      failures += 1;
    }
    await pause(jittered(Math.min(5_000, 50 * 2 ** Math.min(failures, 7))), stop);
  }
}
