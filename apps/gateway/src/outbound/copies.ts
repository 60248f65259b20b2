import type { Logger } from "@kontor/telemetry";
import type { JetStreamManager } from "@nats-io/jetstream";

/** The number of NATS servers that store a stream. */
export interface Copies {
  readonly replicas: number;
  readonly log: Logger;
}

const REMEDY = "Set NATS_REPLICAS to no more than the servers of the NATS cluster, or add servers with room.";

// "replicas > 1 not supported in non-clustered mode", and "no suitable peers for placement".
const TOO_FEW: ReadonlySet<unknown> = new Set([10_074, 10_005]);

/** Returns the error for a NATS cluster with too few servers, with its remedy; any other error unchanged. */
export function explained(error: unknown, { replicas }: Copies): unknown {
  if (!TOO_FEW.has((error as { code?: unknown } | null)?.code)) return error;
  return new Error(`NATS cannot store ${replicas} copies: ${(error as Error).message}. ${REMEDY}`, { cause: error });
}

/** Adds missing replicas to a stream. Removes none: during a rollout two releases would change the number in turn. */
export async function addCopies(manager: JetStreamManager, stream: string, { replicas, log }: Copies): Promise<void> {
  const { config } = await manager.streams.info(stream);
  if (config.num_replicas >= replicas) return;
  try {
    await manager.streams.update(stream, { num_replicas: replicas });
  } catch (error) {
    const err = explained(error, { replicas, log });
    log.error({ err, stream }, "stream under-replicated");
  }
}
