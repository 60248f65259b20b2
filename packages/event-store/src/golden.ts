import { isDeepStrictEqual } from "node:util";
import type { EventCodec, StoredEvent } from "./codec.ts";

/** A shape that was ever stored, kept in a file: the stored event, and the event that it must be read as, amounts as texts. */
export interface GoldenEvent extends StoredEvent {
  /** Name of the file. */
  readonly file: string;
  /** The decoded event as JSON. */
  readonly event: unknown;
}

/**
 * Compares a codec with every shape ever stored. Returns one line per fault; empty if there is none. A golden file must decode to
 * its event. Each version of each type has a golden file. Each sample, an event with all facts that it may have, must be stored as
 * a golden file says: a new shape needs a new file.
 *
 * ```ts
 * type Counted = { type: "counted"; by: number };
 * const codec = defineEvents<Counted>({ counted: { shape: { encode: (facts) => facts, decode: () => ({ by: 1 }) } } });
 * const event = { type: "counted", by: 1 };
 * const golden = [{ file: "counted.v1.json", type: "counted", schemaVersion: 1, data: { by: 1 }, event }];
 * goldenFaults(codec, golden, [{ type: "counted", by: 1 }]); // []
 * ```
 */
export function goldenFaults<Event>(
  codec: EventCodec<Event>,
  golden: readonly GoldenEvent[],
  samples: readonly Event[],
): string[] {
  const undecoded = golden.flatMap(({ file, event, ...stored }) => {
    try {
      const decoded = jsonOf(codec.decode(stored, { streamId: file, version: 1 }));
      return isDeepStrictEqual(decoded, event) ? [] : [`${file} is read as ${JSON.stringify(decoded)}.`];
    } catch (error) {
      return [`${file} no longer decodes: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
  const missing = [...codec.versions].flatMap(([type, current]) =>
    Array.from({ length: current }, (_, index) => index + 1)
      .filter((version) => !golden.some((one) => one.type === type && one.schemaVersion === version))
      .map((version) => `No golden file holds ${type} of version ${version}.`),
  );
  const unsampled = [...codec.versions.keys()]
    .filter((type) => !samples.some((sample) => codec.encode(sample).type === type))
    .map((type) => `No sample is of the type ${type}.`);
  const changed = samples.flatMap((sample) => {
    const { type, schemaVersion, data } = codec.encode(sample);
    const stored = jsonOf(data);
    const held = golden.some(
      (one) => one.type === type && one.schemaVersion === schemaVersion && isDeepStrictEqual(one.data, stored),
    );
    return held
      ? []
      : [`No golden file holds this shape of ${type}, version ${schemaVersion}: ${JSON.stringify(stored)}`];
  });
  return [...undecoded, ...missing, ...unsampled, ...changed];
}

function jsonOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part) => (typeof part === "bigint" ? part.toString() : part)));
}
