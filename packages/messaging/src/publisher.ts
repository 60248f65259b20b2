import { extractTrace, injectTrace, withSpan } from "@kontor/telemetry";
import { JetStreamApiError, type JetStreamClient, type PubAck } from "@nats-io/jetstream";
import { type OutboxRow, toHeaders } from "./envelope.ts";
import { pause } from "./pause.ts";

/** A row the stream has, and where. */
export interface Acked {
  readonly id: string;
  readonly seq: number;
}

/** Publishes rows in their order, or not at all. */
export interface Publisher {
  /** Stops at the first failure, or soon after `ended`, and reports what the stream has so far. */
  publish(rows: readonly OutboxRow[], ended: AbortSignal): Promise<{ acked: Acked[]; failure?: unknown }>;
}

const WRONG_LAST_SEQUENCE = 10_071;

/** Returns whether an event was refused because another client published in between. */
export function isOvertaken(failure: unknown): boolean {
  return failure instanceof JetStreamApiError && failure.code === WRONG_LAST_SEQUENCE;
}

/** How long acknowledgements are awaited once it is over. Events that stay without one are published again, and recognised. */
const GRACE_MS = 500;

/**
 * Creates a publisher. Each message names the stream sequence that it expects before it, counted from `lastSeq`. A failure in
 * a pipelined window therefore fails all later messages of the window. A writer with an outdated position is refused: an
 * earlier relay, a late flush of a buffer, a recreated stream. A duplicate does not advance the stream and would break the
 * count. After a duplicate, and at first, the window is a single message; it doubles up to `window` while all are new.
 * `unordered` messages name no sequence: with a window of one they keep their order, but not against an outdated relay.
 */
export function createPublisher(
  js: Pick<JetStreamClient, "publish">,
  service: string,
  start: { readonly lastSeq: number; readonly window: number; readonly unordered?: boolean },
): Publisher {
  let { lastSeq } = start;
  let window = 1;

  const send = (row: OutboxRow, place: number): Promise<PubAck> => {
    const span = { kind: "producer", parent: extractTrace(row.headers), attributes: attributes(row) } as const;
    return withSpan(`send ${row.type}`, span, () => {
      const trace = { ...row.headers };
      injectTrace(trace);
      return js.publish(row.type, row.payload, {
        msgID: row.id,
        headers: toHeaders({ ...row, headers: trace }, service),
        ...(start.unordered ? {} : { expect: { lastSequence: lastSeq + place } }),
      });
    });
  };

  const sendWindow = async (rows: readonly OutboxRow[], ended: AbortSignal) => {
    const acked: Acked[] = [];
    const failures: unknown[] = [];
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
      }
    });
    await untilOver(Promise.all(answers), ended);
    lastSeq = end;
    window = duplicates > 0 ? 1 : Math.min(start.window, window * 2);
    if (acked.length + failures.length < rows.length)
      failures.push(new Error("Ended before all events were acknowledged."));
    return { acked: [...acked], failures };
  };

  return {
    publish: async (rows, ended) => {
      const acked: Acked[] = [];
      while (acked.length < rows.length && !ended.aborted) {
        const outcome = await sendWindow(rows.slice(acked.length, acked.length + window), ended);
        acked.push(...outcome.acked);
        if (outcome.failures.length > 0) return { acked, failure: outcome.failures[0] };
      }
      return { acked };
    },
  };
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
