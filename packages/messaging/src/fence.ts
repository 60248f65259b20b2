import type { Database, Tx } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";

/** The right of one owner to handle the messages of a partition. */
export interface Fence {
  readonly consumer: string;
  readonly partition: number;
  /** Counts the owners of the partition. */
  readonly epoch: bigint;
}

/** Another replica has the partition: nothing that this one does with its messages may commit. */
export class FencedError extends Error {
  override readonly name = "FencedError";
  constructor({ consumer, partition, epoch }: Fence) {
    super(`Partition ${partition} of ${consumer} has an owner after epoch ${epoch}.`);
  }
}

// FOR SHARE: the statement that takes the partition waits for the transactions of the owner that have passed here.
const CHECK = statement(
  "partitions.check",
  "SELECT FROM consumer_partitions WHERE consumer = $1 AND partition = $2 AND epoch = $3 FOR SHARE",
);

/**
 * Throws {@link FencedError} unless the fence is valid. It then remains valid until the end of the transaction. Without a fence it does
 * nothing.
 */
export async function checkFence(tx: Tx, fence: Fence | undefined): Promise<void> {
  if (!fence) return;
  const standing = await tx.query(CHECK, [fence.consumer, fence.partition, fence.epoch]);
  if (standing.length === 0) throw new FencedError(fence);
}

/** Runs work in a transaction that commits only if the fence is valid. */
export function fenced<T>(db: Database, fence: Fence | undefined, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await checkFence(tx, fence);
    return work(tx);
  });
}
