import { currentName, formerName } from "@kontor/nats";
import type { ConsumerInfo, JetStreamManager } from "@nats-io/jetstream";
import { currentDurables } from "./durables.ts";
import type { OutboxRow } from "./envelope.ts";
import type { ConsumerDeclaration, Stream } from "./topology.ts";

/** How often the consumers of a renamed stream are looked at, in milliseconds. */
const LOOK_EVERY_MS = 2_000;

/** Names rows as the consumers of their stream know their types. */
export type NameRows = (rows: readonly OutboxRow[]) => Promise<readonly OutboxRow[]>;

/**
 * Returns the function that names the rows of a renamed stream. While a durable does not receive the present names, a process of the
 * version before reads it, and events are published under the former names. A server that refuses the request has the rights of that
 * version.
 */
export function publishedNames(
  jsm: JetStreamManager,
  stream: Stream,
  readers: readonly ConsumerDeclaration[],
): NameRows {
  if (stream.formerly === undefined) return async (rows) => rows;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let areKnown = false;

  /** Returns whether a consumer receives the present names. One whose durables are not there yet receives all from the first message on. */
  async function knows(reader: ConsumerDeclaration): Promise<boolean> {
    const durables = await currentDurables(jsm, reader).catch(() => undefined);
    return durables?.every((durable) => reader.events.every((event) => receives(durable, event))) ?? false;
  }
  return async (rows) => {
    if (performance.now() - lookedAt >= LOOK_EVERY_MS) {
      areKnown = (await Promise.all(readers.map(knows))).every((known) => known);
      lookedAt = performance.now();
    }
    return rows.map((row) => {
      const present = currentName(stream, row.type);
      return { ...row, type: areKnown ? present : (formerName(stream, present) ?? present) };
    });
  };
}

function receives({ config }: ConsumerInfo, event: string): boolean {
  return (config.filter_subjects ?? [config.filter_subject]).includes(event);
}
