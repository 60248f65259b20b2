import { currentName, formerName } from "@kontor/nats";
import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager } from "@nats-io/jetstream";
import type { OutboxRow } from "./envelope.ts";
import type { ConsumerDeclaration, Stream } from "./topology.ts";

/** How often the consumers of a renamed stream are looked at, in milliseconds. */
const LOOK_EVERY_MS = 2_000;

/** Names rows as the consumers of their stream know their types. */
export type NameRows = (rows: readonly OutboxRow[]) => Promise<readonly OutboxRow[]>;

/**
 * Returns what names the rows of a renamed stream. While a durable does not receive the present names, a process of the version before reads
 * it, and events are published under the former names. Where the server may not be asked, its rights are those of that version.
 */
export function publishedNames(
  jsm: JetStreamManager,
  stream: Stream,
  readers: readonly ConsumerDeclaration[],
): NameRows {
  if (stream.formerly === undefined) return async (rows) => rows;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let areKnown = false;

  async function knows({ durable, events }: ConsumerDeclaration): Promise<boolean> {
    try {
      const { config } = await jsm.consumers.info(stream.name, durable);
      const received = config.filter_subjects ?? [config.filter_subject];
      return events.every((event) => received.includes(event));
    } catch (error) {
      // A durable that is not there yet receives all from the first message on.
      return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound;
    }
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
