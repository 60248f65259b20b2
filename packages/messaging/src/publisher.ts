import { extractTrace, injectTrace, withSpan } from "@kontor/telemetry";
import { JetStreamApiError, type JetStreamClient, type PubAck } from "@nats-io/jetstream";
import type { MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import { MAX_BATCH_MESSAGES, publishAtomically } from "./atomic-batch.ts";
import { type OutboxRow, toHeaders } from "./envelope.ts";
import { pause } from "./pause.ts";

/** A row the stream has, and where. */
export interface Acked {
  readonly id: string;
  readonly seq: number;
}

/** Publishes rows in their order, or not at all. */
export interface Publisher {
  /** Stops at the first failure, or soon after `ended`, and reports the stream's present end. */
  publish(rows: readonly OutboxRow[], ended: AbortSignal): Promise<Published>;
}

/** How far rows were published. */
interface Published {
  readonly acked: Acked[];
  readonly failure?: unknown;
  /** The row that the stream refused because of the row itself, such as its size. Nothing behind it was stored. */
  readonly refused?: OutboxRow;
}

const WRONG_LAST_SEQUENCE = 10_071;

/** Returns whether an event was refused because another client published in between. */
export function isOvertaken(failure: unknown): boolean {
  return failure instanceof JetStreamApiError && failure.code === WRONG_LAST_SEQUENCE;
}

/** Returns whether the stream, or the client, refused a message because of its content. */
function isRefused(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.status === 400 && !isOvertaken(error);
  return error instanceof Error && /max_payload/i.test(error.message);
}

/** The time for which acknowledgements are awaited after the end. Events without one are published again, and recognised. */
const GRACE_MS = 500;

interface Sent {
  readonly acked: readonly Acked[];
  readonly failures: readonly unknown[];
  readonly refused?: OutboxRow;
}

/** Where a publisher starts, and how it publishes. */
export interface PublisherStart {
  /** The last sequence of the stream. */
  readonly lastSeq: number;
  /** Largest number of events in flight. */
  readonly window: number;
  /** Publishes events of which none names a sequence: with a window of one they keep their order, but not against an outdated relay. */
  readonly unordered?: boolean;
  /** The connection for atomic batches, if the stream takes them. */
  readonly atomic?: NatsConnection | undefined;
}

/** Bytes of the payloads of an atomic batch, which the server holds in memory until the batch is complete. */
const MAX_BATCH_BYTES = 1_048_576;

/**
 * Creates a publisher. Several rows are an atomic batch where the stream takes one: it names the stream sequence before it, and the stream
 * stores all of it or nothing. Events that the stream refuses as a batch are published in windows: each message names the sequence that it
 * expects before it, counted from `lastSeq`. A failure in a window therefore fails all later messages of the window. A writer with an
 * outdated position is refused: an earlier relay, a late flush of a buffer, a recreated stream. A duplicate does not advance the stream and
 * would break the count. After a duplicate, and at first, the window is a single message; it doubles up to `window` while all are new.
 */
export function createPublisher(
  js: Pick<JetStreamClient, "publish">,
  service: string,
  start: PublisherStart,
): Publisher {
  let { lastSeq } = start;
  let window = 1;
  /** Whether the stream refused a batch; until all events of a window were new. */
  let refused = false;

  function inSpan<T>(row: OutboxRow, publish: (headers: MsgHdrs) => Promise<T>): Promise<T> {
    const span = { kind: "producer", parent: extractTrace(row.headers), attributes: attributes(row) } as const;
    return withSpan(`send ${row.type}`, span, () => {
      const trace = { ...row.headers };
      injectTrace(trace);
      return publish(toHeaders({ ...row, headers: trace }, service));
    });
  }

  const send = (row: OutboxRow, place: number): Promise<PubAck> =>
    inSpan(row, (headers) => {
      const expect = start.unordered ? {} : { expect: { lastSequence: lastSeq + place } };
      return js.publish(row.type, row.payload, { msgID: row.id, headers, ...expect });
    });

  const sendWindow = async (rows: readonly OutboxRow[], ended: AbortSignal) => {
    const acked: Acked[] = [];
    const failures: unknown[] = [];
    let refusedRow: { readonly row: OutboxRow; readonly error: unknown } | undefined;
    let end = lastSeq;
    let duplicates = 0;
    const answers = rows.map(async (row, place) => {
      try {
        const { seq, duplicate } = await send(row, place);
        acked.push({ id: row.id, seq });
        if (duplicate) duplicates += 1;
        else end = Math.max(end, seq);
      } catch (error) {
        failures.push(error);
        if (isRefused(error)) refusedRow ??= { row, error };
      }
    });
    await untilOver(Promise.all(answers), ended);
    lastSeq = end;
    window = duplicates > 0 ? 1 : Math.min(start.window, window * 2);
    if (duplicates === 0) refused = false;
    if (acked.length + failures.length < rows.length)
      failures.push(new Error("Ended before all events were acknowledged."));
    // The messages behind it failed because it is missing.
    if (refusedRow) return { acked: [...acked], failures: [refusedRow.error], refused: refusedRow.row };
    return { acked: [...acked], failures };
  };

  const sendBatch = async (nc: NatsConnection, rows: readonly OutboxRow[], ended: AbortSignal) => {
    const acked: Acked[] = [];
    const failures: unknown[] = [];
    const stored = Promise.withResolvers<number>();
    const messages: { subject: string; payload: Uint8Array; headers: MsgHdrs }[] = [];
    const spans = rows.map((row) =>
      inSpan(row, (headers) => {
        headers.set("Nats-Msg-Id", row.id);
        if (messages.length === 0) headers.set("Nats-Expected-Last-Sequence", String(lastSeq));
        messages.push({ subject: row.type, payload: row.payload, headers });
        return stored.promise;
      }),
    );
    publishAtomically(nc, messages).then(stored.resolve, stored.reject);
    const answered = stored.promise.then(
      (seq) => {
        acked.push(...rows.map(({ id }, place) => ({ id, seq: lastSeq + place + 1 })));
        lastSeq = seq;
      },
      (error: unknown) => {
        refused = error instanceof JetStreamApiError && !isOvertaken(error);
        if (!refused) failures.push(error);
      },
    );
    await untilOver(Promise.all([answered, Promise.allSettled(spans)]), ended);
    if (acked.length + failures.length === 0 && !refused)
      failures.push(new Error("Ended before the batch was acknowledged."));
    return { acked: [...acked], failures };
  };

  const sendNext = (rows: readonly OutboxRow[], ended: AbortSignal): Promise<Sent> => {
    const batch = start.atomic && !start.unordered && !refused ? fitting(rows, start.window) : [];
    return start.atomic && batch.length > 1
      ? sendBatch(start.atomic, batch, ended)
      : sendWindow(rows.slice(0, window), ended);
  };

  return {
    publish: async (rows, ended) => {
      const acked: Acked[] = [];
      while (acked.length < rows.length && !ended.aborted) {
        const outcome = await sendNext(rows.slice(acked.length), ended);
        acked.push(...outcome.acked);
        const [failure] = outcome.failures;
        if (failure !== undefined) return { acked, failure, ...(outcome.refused && { refused: outcome.refused }) };
      }
      return { acked };
    },
  };
}

/** Returns the first rows that fit into one atomic batch. */
function fitting(rows: readonly OutboxRow[], window: number): readonly OutboxRow[] {
  let bytes = 0;
  const most = rows.slice(0, Math.min(window, MAX_BATCH_MESSAGES));
  const end = most.findIndex(({ payload }) => {
    bytes += payload.byteLength;
    return bytes > MAX_BATCH_BYTES;
  });
  return end < 0 ? most : most.slice(0, end);
}

function attributes({ id, type }: OutboxRow) {
  return {
    "messaging.system": "nats",
    "messaging.operation.type": "send",
    "messaging.operation.name": "publish",
    "messaging.destination.name": type,
    "messaging.message.id": id,
  };
}

async function untilOver(work: Promise<unknown>, ended: AbortSignal): Promise<void> {
  const done = new AbortController();
  const over = new Promise<void>((resolve) => {
    const grace = () => void pause(GRACE_MS, done.signal).then(resolve);
    if (ended.aborted) grace();
    ended.addEventListener("abort", grace, { once: true, signal: done.signal });
  });
  await Promise.race([work, over]);
  done.abort();
}
