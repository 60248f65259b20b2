import { failpoint } from "@kontor/failpoint";
import type { Database } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { createBell } from "./bell.ts";
import type { OutboxRow } from "./envelope.ts";
import { metrics } from "./metrics.ts";
import { onAppended } from "./outbox.ts";
import { pause } from "./pause.ts";
import { type Acked, createPublisher } from "./publisher.ts";
import { reconcile } from "./reconcile.ts";
import type { MessagingSettings } from "./settings.ts";
import { ensureStream } from "./streams.ts";
import type { StreamDeclaration } from "./topology.ts";

/** What the relay of a service needs. */
export interface RelayContext {
  readonly db: Database;
  readonly stream: StreamDeclaration;
  readonly settings: MessagingSettings;
  readonly log: Logger;
}

/**
 * Moves committed events from the outbox to the stream until `off` aborts. Reads all unsent rows, not those after a
 * cursor: numbers become visible out of order between concurrent transactions, and a cursor would skip some. Throws at
 * the first failure; the next call starts by finding out what the stream has.
 */
export async function relay(context: RelayContext, nc: NatsConnection, off: AbortSignal): Promise<void> {
  const bell = createBell();
  const silence = onAppended(bell.ring);
  try {
    while (!off.aborted) await relayUntilReconciliation(context, nc, bell.wait, off);
  } finally {
    silence();
  }
}

async function relayUntilReconciliation(
  { db, stream, settings, log }: RelayContext,
  nc: NatsConnection,
  wait: (ms: number, signal: AbortSignal) => Promise<void>,
  off: AbortSignal,
): Promise<void> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const onTooFew = (err: Error) =>
    log.error({ err, stream: stream.name }, "the stream has fewer copies than it should");
  const info = await ensureStream(jsm, stream, settings, { mine: true, onTooFew });
  const { lastSeq, repaired } = await reconcile(db, stream.name, info);
  if (repaired > 0) {
    metrics.reconcilerRepaired.inc(repaired);
    log.warn({ stream: stream.name, repaired }, "the stream lost messages, publishing them again");
  }

  const publisher = createPublisher(jetstream(nc), stream.service, { lastSeq, window: settings.relayBatch });
  const due = performance.now() + settings.reconcileIntervalMs;
  while (!off.aborted && performance.now() < due) {
    const rows = await unsent(db, settings.relayBatch);
    refuseForeign(rows, stream);
    if (rows.length > 0) failpoint("relay.before-publish");
    const { acked, failure } = await publisher.publish(rows, off);
    if (acked.length > 0) {
      failpoint("relay.after-publish");
      await markSent(db, stream.name, acked);
      metrics.relayPublished.inc(acked.length);
    }
    if (failure !== undefined) throw failure;
    if (rows.length === settings.relayBatch) continue;
    if (rows.length > 0) await pause(settings.relayGapMs, off);
    await wait(settings.pollMs, off);
  }
}

function unsent(db: Database, limit: number): Promise<OutboxRow[]> {
  return db.query<OutboxRow>(
    `SELECT id, type, key, payload, headers, created_at FROM outbox WHERE published_at IS NULL ORDER BY seq LIMIT $1`,
    [limit],
    { name: "outbox.unsent" },
  );
}

async function markSent(db: Database, stream: string, acked: readonly Acked[]): Promise<void> {
  const last = Math.max(...acked.map(({ seq }) => seq));
  await db.query(
    `WITH sent AS (
       UPDATE outbox SET published_at = clock_timestamp(), stream_seq = acked.seq
       FROM unnest($1::uuid[], $2::bigint[]) AS acked (id, seq)
       WHERE outbox.id = acked.id AND outbox.published_at IS NULL)
     UPDATE outbox_streams SET last_seq = greatest(last_seq, $3) WHERE stream = $4`,
    [acked.map(({ id }) => id), acked.map(({ seq }) => seq), last, stream],
    { name: "outbox.mark-sent" },
  );
}

function refuseForeign(rows: readonly OutboxRow[], stream: StreamDeclaration): void {
  const foreign = rows.find((row) => !row.type.startsWith(`${stream.package}.`));
  if (foreign)
    throw new Error(`Event ${foreign.id} of type ${foreign.type} does not belong into the stream ${stream.name}.`);
}
