import { partitionDurable } from "@kontor/nats";

/** A part of the keys of a consumer. */
export interface Partition {
  /** From 0 on. */
  readonly index: number;
  /** How many there are. */
  readonly of: number;
}

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** Returns the partition of a key: FNV-1a of its UTF-8 modulo the number of partitions, as the `partition` function of NATS has it. */
export function partitionOf(key: string, of: number): number {
  let hash = OFFSET;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, PRIME);
  return (hash >>> 0) % of;
}

/** Returns the names of the durables of a consumer with that many partitions. The durable of an undivided one has the consumer's name. */
export function durablesOf(durable: string, partitions: number): string[] {
  if (partitions === 1) return [durable];
  return Array.from({ length: partitions }, (_, index) => partitionDurable(durable, index));
}
