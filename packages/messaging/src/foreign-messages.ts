import type { Database } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import type { JetStreamManager } from "@nats-io/jetstream";
import { readEnvelope } from "./envelope.ts";
import { statement } from "./gen/statements.ts";
import { metrics } from "./metrics.ts";
import type { StreamDeclaration } from "./topology.ts";

/** Messages that are read one by one; the rest of a flood is not. */
const INSPECTED = 100;

const LAST = statement("foreign.last", "SELECT last_seq FROM outbox_streams WHERE stream = $1", { prepared: false });

const OWN = statement("foreign.own", "SELECT FROM outbox WHERE id = $1", { prepared: false });

const KNOWN = statement(
  "foreign.known",
  "UPDATE outbox_streams SET last_seq = greatest(last_seq, $2) WHERE stream = $1",
  { prepared: false },
);

/**
 * Counts the messages in the stream, behind the last one that the relay knows, that are not in the outbox: another client
 * published them. Logs and counts each once. Their consumers refuse those that name no owner.
 */
export async function findForeign(
  { db, stream, log }: { readonly db: Database; readonly stream: StreamDeclaration; readonly log: Logger },
  jsm: JetStreamManager,
  lastSeq: number,
): Promise<number> {
  const [known] = await db.query(LAST, [stream.name]);
  const from = Number(known?.last_seq ?? lastSeq) + 1;
  if (from > lastSeq) return 0;
  let foreign = 0;
  for (let seq = from; seq <= Math.min(lastSeq, from + INSPECTED - 1); seq++) {
    const message = await jsm.streams.getMessage(stream.name, { seq });
    if (!message) continue; // It has expired or was deleted.
    const { id } = readEnvelope(message.subject, message.header, message.time);
    const own = id !== undefined && (await db.query(OWN, [id])).length > 0;
    if (own) continue;
    foreign += 1;
    log.error({ stream: stream.name, seq, subject: message.subject }, "foreign message found in the stream");
  }
  if (foreign > 0) metrics.foreign.inc({ stream: stream.name }, foreign);
  await db.query(KNOWN, [stream.name, lastSeq]);
  return foreign;
}
