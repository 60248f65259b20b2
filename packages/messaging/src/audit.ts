import type { Database } from "@kontor/postgres";
import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { statement } from "./gen/statements.ts";
import { markUnsent } from "./reconcile.ts";

/** How outbox and stream differ. */
export interface Audit {
  /** Published according to the outbox, absent from the stream: lost. */
  readonly missing: readonly string[];
  /** In the stream, absent from the outbox: published by another client, or older than the outbox's retention. */
  readonly extra: readonly string[];
  /** Messages whose id the stream has already: harmless, the inbox drops them. */
  readonly duplicates: number;
  /** Events that the relay has not published yet. */
  readonly unsent: number;
  /** Events in the outbox, published or not. */
  readonly inOutbox: number;
  /** Messages in the stream. */
  readonly inStream: number;
}

const IDS = statement("outbox.ids", "SELECT id, published_at IS NOT NULL AS sent FROM outbox", { prepared: false });

/**
 * Compares the ids of a service's outbox with those of its stream, all of them. Reads both completely: for checks at rest,
 * not under load.
 */
export async function audit(db: Database, nc: NatsConnection, stream: string): Promise<Audit> {
  const { ids: streamed, messages } = await readIds(nc, stream);
  const rows = await db.query(IDS);
  const recorded = new Set(rows.map(({ id }) => id));
  return {
    missing: rows.filter(({ id, sent }) => sent && !streamed.has(id)).map(({ id }) => id),
    extra: [...streamed].filter((id) => !recorded.has(id)),
    duplicates: messages - streamed.size,
    unsent: rows.filter(({ sent }) => !sent).length,
    inOutbox: rows.length,
    inStream: messages,
  };
}

/**
 * Makes the relay publish every stored event again, in the old order, and returns how many. Consumers drop what they have
 * processed. Repeating it
 * is safe.
 */
export function republishAll(db: Database): Promise<number> {
  return markUnsent(db, 0);
}

async function readIds(nc: NatsConnection, stream: string): Promise<{ ids: Set<string>; messages: number }> {
  const { state } = await (await jetstreamManager(nc, { checkAPI: false })).streams.info(stream);
  const ids = new Set<string>();
  if (state.messages === 0) return { ids, messages: 0 };
  const reader = await jetstream(nc).consumers.get(stream, { deliver_policy: DeliverPolicy.All, headers_only: true });
  let messages = 0;
  for await (const message of await reader.consume()) {
    ids.add(message.headers?.get("ce-id") ?? `sequence ${message.seq}`);
    messages += 1;
    if (message.info.pending === 0 || message.seq >= state.last_seq) break;
  }
  return { ids, messages };
}
