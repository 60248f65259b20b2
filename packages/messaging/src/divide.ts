import type { Database } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import type { JetStreamManager } from "@nats-io/jetstream";
import { makeDurables, rewindConsumer } from "./durables.ts";
import { durablesOf } from "./partition.ts";
import { currentGeneration, type Generation, switchTo } from "./partition-leases.ts";
import type { MessagingSettings } from "./settings.ts";
import type { ConsumerDeclaration, Stream } from "./topology.ts";

/** The dependencies of dividing a consumer. */
export interface DivideContext {
  readonly db: Database;
  readonly stream: Stream;
  readonly declaration: ConsumerDeclaration;
  readonly settings: MessagingSettings;
  readonly log: Logger;
}

/**
 * Divides a consumer into another number of partitions, once no replica of the number before is left: the durables of the new generation begin
 * where the slowest of the generation before stopped. Returns false while another replica does it, or has begun to consume. The durable of an
 * undivided consumer stays when it is divided, so that a release before this one continues with it after a rollback.
 */
export async function divide(
  { db, stream, declaration, settings, log }: DivideContext,
  jsm: JetStreamManager,
  before: Generation | undefined,
  partitions: number,
): Promise<boolean> {
  const { durable } = declaration;
  const lease = await db.lock(`messaging.divide.${durable}`);
  if (!lease) return false;
  try {
    const next = { generation: (before?.generation ?? 0) + 1, partitions };
    if ((before?.partitions ?? 1) === 1) await rewindConsumer(jsm, declaration, settings, { renamed: stream });
    await makeDurables(jsm, declaration, settings, {
      before: durablesOf(durable, before?.partitions ?? 1),
      names: durablesOf(durable, partitions),
      generation: next.generation,
      renamed: stream,
    });
    const switched = await switchTo(db, durable, next);
    if (switched) log.info({ consumer: durable, ...next, before: before?.partitions ?? 1 }, "consumer divided");
    return switched;
  } finally {
    await lease.release();
  }
}

/** Makes a consumer that was divided an undivided one again, before this replica consumes it alone. Throws while another replica does so. */
export async function undivide(context: DivideContext, jsm: JetStreamManager): Promise<void> {
  const { durable } = context.declaration;
  const before = await currentGeneration(context.db, durable);
  if (before === undefined || before.partitions === 1) return;
  if (await divide(context, jsm, before, 1)) return;
  throw new Error(`Consumer ${durable} has replicas that share ${before.partitions} partitions.`);
}
