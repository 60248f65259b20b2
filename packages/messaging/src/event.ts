import { randomUUIDv7 } from "node:crypto";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { injectTrace } from "@kontor/telemetry";
import { versionOf } from "./event-version.ts";

/** An event that is about to be recorded in the outbox. */
export interface OutgoingEvent {
  /** UUID version 7, unique forever: consumers recognise a repetition by it. */
  readonly id: string;
  /** Full proto type name, which is also the subject. */
  readonly type: string;
  /** The version that the contract declares for the type. */
  readonly version: number;
  /** Whose history this belongs to, usually the aggregate's id: events of one key arrive in order. */
  readonly key: string;
  /** Binary protobuf, at most 512 KiB. */
  readonly payload: Uint8Array;
  /** The trace in which the event was made. Default: the one that is active when it is appended. */
  readonly trace?: Readonly<Record<string, string>>;
}

const MAX_PAYLOAD = 512 * 1024;

/**
 * Returns an event for the outbox, with a new id (UUID version 7).
 *
 * ```ts
 * import { StringValueSchema } from "@bufbuild/protobuf/wkt";
 * const greeting = event(StringValueSchema, { value: "hello" }, { key: "greetings" });
 * ```
 *
 * @throws Error if the key is empty or the payload exceeds 512 KiB.
 */
export function event<D extends DescMessage>(
  schema: D,
  init: MessageInitShape<D>,
  { key }: { key: string },
): OutgoingEvent {
  const payload = toBinary(schema, create(schema, init));
  if (key === "") throw new Error(`An event ${schema.typeName} needs a key.`);
  if (payload.byteLength > MAX_PAYLOAD)
    throw new Error(`An event ${schema.typeName} has ${payload.byteLength} bytes, more than ${MAX_PAYLOAD}.`);
  const trace: Record<string, string> = {};
  injectTrace(trace);
  const traced = trace.traceparent === undefined ? {} : { trace };
  return { id: randomUUIDv7(), type: schema.typeName, version: versionOf(schema), key, payload, ...traced };
}
