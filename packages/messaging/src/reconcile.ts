import type { Database } from "@kontor/postgres";
import type { StreamInfo } from "@nats-io/jetstream";
import { statement } from "./gen/statements.ts";

const CHUNK = 5_000;

/** Where the stream ends, and how many rows it had lost. */
export interface Reconciled {
  readonly lastSeq: number;
  readonly repaired: number;
}

const KNOWN = statement("reconcile.known", "SELECT incarnation, last_seq FROM outbox_streams WHERE stream = $1", {
  prepared: false,
});

const STORE = statement(
  "reconcile.store",
  `INSERT INTO outbox_streams (stream, incarnation, last_seq) VALUES ($1, $2, $3)
     ON CONFLICT (stream) DO UPDATE SET incarnation = excluded.incarnation, last_seq = excluded.last_seq`,
  { prepared: false },
);

/**
 * Compares outbox and stream, and marks the events that the stream has lost as unsent: all if it was created again (a wiped store,
 * recreated by any process), else those behind its present end (a power cut). Call it before publishing anything. A crash in between
 * repeats it.
 */
export async function reconcile(db: Database, stream: string, info: StreamInfo): Promise<Reconciled> {
  const lastSeq = info.state.last_seq;
  const [known] = await db.query(KNOWN, [stream]);
  const same = known?.incarnation === info.created;
  if (same && Number(known.last_seq) <= lastSeq) return { lastSeq, repaired: 0 };

  const repaired = await markUnsent(db, same ? lastSeq : 0);
  await db.query(STORE, [stream, info.created, lastSeq]);
  return { lastSeq, repaired };
}

const UNSEND = statement(
  "reconcile.mark-unsent",
  `UPDATE outbox SET published_at = NULL, stream_seq = NULL
       WHERE id IN (SELECT id FROM outbox WHERE published_at IS NOT NULL AND stream_seq > $1 LIMIT ${CHUNK}) RETURNING 1`,
  { prepared: false },
);

/** Marks published rows behind `afterSeq` as unsent, in small transactions. The relay publishes them in their old order. */
export async function markUnsent(db: Database, afterSeq: number): Promise<number> {
  let total = 0;
  for (;;) {
    const marked = await db.query(UNSEND, [afterSeq]);
    total += marked.length;
    if (marked.length < CHUNK) return total;
  }
}
