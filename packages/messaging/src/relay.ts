import { failpoint } from "@kontor/failpoint";
import { currentName } from "@kontor/nats";
import type { Database } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { OutboxRow } from "./envelope.ts";
import { findForeign } from "./foreign-messages.ts";
import { statement } from "./gen/statements.ts";
import { createHeldKeys, type HeldKeys } from "./held-keys.ts";
import { metrics } from "./metrics.ts";
import { createPacer } from "./pacer.ts";
import { publishedNames } from "./published-names.ts";
import { type Acked, createPublisher, isOvertaken } from "./publisher.ts";
import { reconcile } from "./reconcile.ts";
import type { MessagingSettings } from "./settings.ts";
import { ensureStream } from "./streams.ts";
import type { ConsumerDeclaration, Stream } from "./topology.ts";
import type { WakeUpSignal } from "./wake-up-signal.ts";

/** The number of consecutive overtaken rounds after which events are published without the sequence before them. */
const OVERTAKEN_LIMIT = 3;

/** How often an idle relay reads the outbox while it would not know of the commits of other replicas. */
const UNSIGNALLED_POLL_MS = 200;

/** The dependencies and settings of a relay. */
export interface RelayContext {
  readonly db: Database;
  /** Signals that events were committed, by any replica. */
  readonly wakeUp: WakeUpSignal;
  /** Returns whether commits of other replicas are signalled now. */
  readonly isSignalled: () => boolean;
  readonly stream: Stream;
  /** The durables of the stream. */
  readonly readers: readonly ConsumerDeclaration[];
  readonly settings: MessagingSettings;
  readonly log: Logger;
}

/**
 * Moves committed events from the outbox to the stream until `ended` aborts. Reads all unsent rows, not those after a
 * cursor: numbers become visible out of order between concurrent transactions, and a cursor would skip some. Throws at
 * the first failure; the next call starts by reading the stream's last sequence. A message of another client in the stream is no
 * failure: the relay reports it and publishes after it.
 */
export async function relay(context: RelayContext, nc: NatsConnection, ended: AbortSignal): Promise<void> {
  const pace = createPacer(context.settings.relayGapMs);
  const held = createHeldKeys(context.settings.retryCapMs);
  let overtaken = 0;
  while (!ended.aborted) {
    const unordered = overtaken >= OVERTAKEN_LIMIT;
    const failure = await relayUntilReconciliation(context, nc, { pace, held, overtaken, unordered }, ended);
    overtaken = failure === undefined ? 0 : overtaken + 1;
  }
}

interface Round {
  readonly pace: (ended: AbortSignal) => Promise<void>;
  readonly held: HeldKeys;
  /** The number of consecutive rounds that ended because another client published in between. */
  readonly overtaken: number;
  /** Publishes one event at a time without naming the sequence before it: another client publishes all the time. */
  readonly unordered: boolean;
}

/** Returns the failure if another client published in between. */
async function relayUntilReconciliation(
  { db, wakeUp, isSignalled, stream, readers, settings, log }: RelayContext,
  nc: NatsConnection,
  { pace, held, overtaken, unordered }: Round,
  ended: AbortSignal,
): Promise<unknown> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const onTooFew = (err: Error) => log.error({ err, stream: stream.name }, "stream under-replicated");
  const onForeign = (removed: readonly string[]) =>
    log.error({ stream: stream.name, removed }, "stream copied events from or to other subjects; settings removed");
  const options = { serverVersion: nc.info?.version, onTooFew, onForeign };
  const info = await ensureStream(jsm, stream, settings, options);
  const { lastSeq, repaired } = await reconcile(db, stream.name, info);
  if (repaired > 0) {
    metrics.reconcilerRepaired.inc({ service: stream.service }, repaired);
    log.warn({ stream: stream.name, repaired }, "lost messages of the stream marked as unsent");
  }

  const foreign = await findForeign({ db, stream, log }, jsm, lastSeq);
  if (overtaken > 0 && foreign === 0 && !unordered)
    throw new Error(`Another relay publishes to the stream ${stream.name}.`);

  const atomic = info.config.allow_atomic === true ? nc : undefined;
  const start = { lastSeq, window: unordered ? 1 : settings.relayBatch, unordered, atomic };
  const publisher = createPublisher(jetstream(nc), stream.service, start);
  const named = publishedNames(jsm, stream, readers);
  const due = performance.now() + settings.reconcileIntervalMs;
  let rows = await unsent(db, settings.relayBatch, held);
  while (!ended.aborted && performance.now() < due) {
    if (rows.length === 0) {
      await wakeUp.wait(isSignalled() ? settings.pollMs : Math.min(settings.pollMs, UNSIGNALLED_POLL_MS), ended);
      rows = await unsent(db, settings.relayBatch, held);
      continue;
    }
    const own = untilForeign(rows, stream);
    failpoint("relay.before-publish", stream.service);
    const { acked, failure, refused = own.foreign } = await publisher.publish(await named(own.rows), ended);
    if (refused) {
      held.hold(refused.key);
      const err = failure ?? new Error(`Events of ${stream.service} belong to ${stream.package}.`);
      const { id, type, key } = refused;
      log.error({ err, id, type, key, stream: stream.name }, "event refused by the stream; events of its key wait");
    }
    if (acked.length > 0) {
      failpoint("relay.after-publish", stream.service);
      if (rows.length < settings.relayBatch) await pace(ended);
      wakeUp.clear(); // The rows committed so far are read now.
      rows = await markSent(db, { stream: stream.name, acked, next: settings.relayBatch, held });
      metrics.relayPublished.inc({ service: stream.service }, acked.length);
    }
    if (isOvertaken(failure)) return failure;
    if (refused) rows = await unsent(db, settings.relayBatch, held);
    else if (failure !== undefined) throw failure;
  }
  return undefined;
}

const UNSENT = statement(
  "outbox.unsent",
  `SELECT id, type, key, payload, headers, created_at FROM outbox
   WHERE published_at IS NULL AND key <> ALL ($2::text[]) ORDER BY seq LIMIT $1`,
);

function unsent(db: Database, limit: number, held: HeldKeys): Promise<OutboxRow[]> {
  return db.query(UNSENT, [limit, held.current()]);
}

// Marks published rows and reads the next ones, in one round trip: the rows that are marked are unsent to this statement still.
const MARK_SENT = statement(
  "outbox.mark-sent",
  `WITH sent AS (
       UPDATE outbox SET published_at = clock_timestamp(), stream_seq = acked.seq
       FROM unnest($1::uuid[], $2::bigint[]) AS acked (id, seq)
       WHERE outbox.id = acked.id AND outbox.published_at IS NULL),
     known AS (UPDATE outbox_streams SET last_seq = greatest(last_seq, $3) WHERE stream = $4)
     SELECT id, type, key, payload, headers, created_at FROM outbox
     WHERE published_at IS NULL AND id <> ALL ($1::uuid[]) AND key <> ALL ($6::text[]) ORDER BY seq LIMIT $5`,
);

interface Marking {
  readonly stream: string;
  readonly acked: readonly Acked[];
  /** Largest number of rows to return. */
  readonly next: number;
  readonly held: HeldKeys;
}

/** Marks rows as published. Returns the next unsent ones. */
function markSent(db: Database, { stream, acked, next, held }: Marking): Promise<OutboxRow[]> {
  const last = Math.max(...acked.map(({ seq }) => seq));
  return db.query(MARK_SENT, [
    acked.map(({ id }) => id),
    acked.map(({ seq }) => seq),
    last,
    stream,
    next,
    held.current(),
  ]);
}

/** Returns the rows before the first one whose type belongs to another service, and that row. */
function untilForeign(rows: readonly OutboxRow[], stream: Stream) {
  const place = rows.findIndex((row) => !currentName(stream, row.type).startsWith(`${stream.package}.`));
  return place < 0 ? { rows } : { rows: rows.slice(0, place), foreign: rows[place] };
}
