import { JetStreamApiError } from "@nats-io/jetstream";
import type { MsgHdrs, NatsConnection } from "@nats-io/transport-node";

/** A message of an atomic batch. */
export interface BatchMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: MsgHdrs;
}

/** The server's limit is 1,000 messages. */
export const MAX_BATCH_MESSAGES = 1_000;

const RESPONSE_TIMEOUT_MS = 5_000;
let batches = 0;
const prefix = crypto.randomUUID();

/**
 * Publishes messages as an atomic batch (ADR-50 of NATS): the stream stores all, in this order and without others in between, or none. One
 * message is acknowledged for all, in one round trip. Needs a stream with `allow_atomic`. Returns the sequence of the last message.
 *
 * @throws JetStreamApiError if the stream refused the batch and stored nothing; another error if the outcome is unknown.
 */
export async function publishAtomically(nc: NatsConnection, messages: readonly BatchMessage[]): Promise<number> {
  batches += 1;
  const id = `${prefix}-${batches}`;
  const last = messages.length - 1;
  let answered: Promise<{ json<T>(): T }> | undefined;
  for (const [place, { subject, payload, headers }] of messages.entries()) {
    headers.set("Nats-Batch-Id", id);
    headers.set("Nats-Batch-Sequence", String(place + 1));
    if (place < last) nc.publish(subject, payload, { headers });
    else {
      headers.set("Nats-Batch-Commit", "1");
      answered = nc.request(subject, payload, { headers, timeout: RESPONSE_TIMEOUT_MS });
    }
  }
  const response = (await answered)?.json<{
    seq: number;
    error?: ConstructorParameters<typeof JetStreamApiError>[0];
  }>();
  if (response?.error) throw new JetStreamApiError(response.error);
  return response?.seq ?? 0;
}
