import type { JetStreamClient, PubAck } from "@nats-io/jetstream";
import { type OutboxRow, toHeaders } from "./envelope.ts";

/** A row the stream has, and where. */
export interface Acked {
  readonly id: string;
  readonly seq: number;
}

/** Publishes rows in their order, or not at all. */
export interface Publisher {
  /** Stops at the first failure and reports what the stream has so far. */
  publish(rows: readonly OutboxRow[], off: AbortSignal): Promise<{ acked: Acked[]; failure?: unknown }>;
}

/**
 * Each message names the stream sequence it expects before it, counted on from `lastSeq`. So a failure in a pipelined
 * window fails all behind it, and whoever writes with outdated knowledge (an earlier relay, a buffer flushed late, a
 * stream recreated meanwhile) is refused. A duplicate does not advance the stream and would break the count: after one,
 * and at first, the window is a single message; it doubles while all is new.
 */
export function createPublisher(
  js: JetStreamClient,
  service: string,
  start: { lastSeq: number; window: number },
): Publisher {
  let { lastSeq } = start;
  let window = 1;

  const send = (row: OutboxRow, place: number): Promise<PubAck> =>
    js.publish(row.type, row.payload, {
      msgID: row.id,
      headers: toHeaders(row, service),
      expect: { lastSequence: lastSeq + place },
    });

  return {
    publish: async (rows, off) => {
      const acked: Acked[] = [];
      for (let at = 0; at < rows.length && !off.aborted; ) {
        const sent = rows.slice(at, at + window);
        const outcomes = await Promise.allSettled(sent.map(send));
        let duplicates = 0;
        for (const [place, outcome] of outcomes.entries()) {
          const row = sent[place];
          if (outcome.status !== "fulfilled" || !row) continue;
          acked.push({ id: row.id, seq: outcome.value.seq });
          if (outcome.value.duplicate) duplicates += 1;
          else lastSeq = Math.max(lastSeq, outcome.value.seq);
        }
        const failed = outcomes.find((outcome) => outcome.status === "rejected");
        if (failed) return { acked, failure: failed.reason };
        window = duplicates > 0 ? 1 : Math.min(start.window, window * 2);
        at += sent.length;
      }
      return { acked };
    },
  };
}
