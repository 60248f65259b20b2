import { parseInstant } from "@kontor/text";
import { headers, type MsgHdrs } from "@nats-io/transport-node";

/** A row of the outbox on its way out. */
export interface OutboxRow extends Record<string, unknown> {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly payload: Uint8Array;
  readonly headers: Record<string, string>;
  readonly created_at: Date;
}

/** The metadata of the event in a message. */
export interface Envelope {
  /** `undefined` for a message that no outbox wrote. */
  readonly id: string | undefined;
  readonly type: string;
  readonly key: string;
  /** When the event was recorded. */
  readonly time: Date;
  readonly headers: Record<string, string>;
}

/** Returns the CloudEvents headers of an event (NATS binding 1.0.2, binary mode), in addition to its trace. */
export function toHeaders(row: OutboxRow, service: string): MsgHdrs {
  const target = headers();
  const all = {
    ...row.headers,
    "ce-specversion": "1.0",
    "ce-id": row.id,
    "ce-type": row.type,
    "ce-source": sourceOf(service),
    "ce-time": row.created_at.toISOString(),
    "ce-partitionkey": encodeURIComponent(row.key),
    "content-type": "application/protobuf",
  };
  for (const [name, value] of Object.entries(all)) target.set(name, value);
  return target;
}

/** Returns the `ce-source` of a service's events. */
export function sourceOf(service: string): string {
  return `/kontor/${service}`;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads the headers of {@link toHeaders}, and usable defaults for other headers. */
export function readEnvelope(subject: string, written: MsgHdrs | undefined, storedAt: Date): Envelope {
  const all: Record<string, string> = {};
  for (const name of written?.keys() ?? []) all[name] = written?.get(name) ?? "";
  return {
    id: UUID.test(all["ce-id"] ?? "") ? all["ce-id"] : undefined,
    type: subject,
    key: decoded(all["ce-partitionkey"] ?? ""),
    time: parseInstant(all["ce-time"] ?? "") ?? storedAt,
    headers: all,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
