import { eventStoreErrors } from "./errors.ts";

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** An object of JSON values. */
export type JsonObject = { readonly [key: string]: Json | undefined };

/** An event without its type, which has a column of its own. */
export type Facts<Event> = Event extends unknown ? Omit<Event, "type"> : never;

/** How the facts of an event become JSON and back. A codec of zod is one: `{ encode: (f) => z.encode(s, f), decode: (d) => z.parse(s, d) }`. */
export interface EventShape<Facts> {
  /** Returns the facts as JSON. */
  encode(facts: Facts): unknown;
  /** Returns the facts of stored JSON of the current version. Throws if the JSON has another shape. Ignores fields that it does not know. */
  decode(data: Json): Facts;
}

/** Raises stored JSON of one version to the next. Pure. */
export type Upcaster = (data: JsonObject) => JsonObject;

/** One type of event: its current shape, and how older ones are read. */
export interface EventDefinition<Facts> {
  /** Grows by one whenever an older release could not read the shape, or would read it wrongly. Default: 1. */
  readonly version?: number;
  /** The shape of that version. */
  readonly shape: EventShape<Facts>;
  /** One for each older version: `1` raises version 1 to 2. All from the stored version on run, in order. */
  readonly upcasters?: Readonly<Record<number, Upcaster>>;
}

/** An event as the table holds it. */
export interface StoredEvent {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Json;
}

/** Where an event is stored. */
export interface EventPlace {
  readonly streamId: string;
  readonly version: number;
}

/** Encodes events for storage, and decodes every shape that was ever stored. */
export interface EventCodec<Event> {
  /** The current version of each type. */
  readonly versions: ReadonlyMap<string, number>;
  /** Returns the event as it is stored. */
  encode(event: Event): { readonly type: string; readonly schemaVersion: number; readonly data: unknown };
  /**
   * Returns a stored event. Throws UNAVAILABLE `EVENT_UNKNOWN` for a type or a version that this release does not have: a newer one
   * wrote it. Throws DATA_LOSS `EVENT_UNREADABLE` for JSON of another shape. Both name type, version, stream and place.
   */
  decode(stored: StoredEvent, place: EventPlace): Event;
}

/**
 * Defines how the events of a type are stored, one definition for each `type`.
 *
 * ```ts
 * import * as z from "zod/mini";
 * type Counted = { type: "counted"; by: number };
 * const by = z.object({ by: z.int() });
 * const counting = defineEvents<Counted>({
 *   counted: {
 *     version: 2,
 *     shape: { encode: (facts) => z.encode(by, facts), decode: (data) => z.parse(by, data) },
 *     upcasters: { 1: ({ amount, ...rest }) => ({ ...rest, by: amount }) }, // Version 1 called it amount.
 *   },
 * });
 * ```
 *
 * @throws Error if a version is no integer from 1, or an upcaster is missing or superfluous.
 */
export function defineEvents<Event extends { readonly type: string }>(
  definitions: {
    readonly [Type in Event["type"]]: EventDefinition<Facts<Extract<Event, { readonly type: Type }>>>;
  },
): EventCodec<Event> {
  const byType = new Map(Object.entries(definitions as unknown as Readonly<Record<string, EventDefinition<never>>>));
  const versions = new Map([...byType].map(([type, definition]) => [type, versionOf(type, definition)]));
  return {
    versions,
    encode({ type, ...facts }) {
      const definition = byType.get(type);
      if (definition === undefined) throw new Error(`No definition of events describes how ${type} is stored.`);
      return { type, schemaVersion: versions.get(type) ?? 1, data: definition.shape.encode(facts as never) };
    },
    decode({ type, schemaVersion, data }, { streamId, version }) {
      const facts = { type, schemaVersion, streamId, version };
      const definition = byType.get(type);
      const known = versions.get(type) ?? 0;
      if (definition === undefined || schemaVersion > known) throw eventStoreErrors.EVENT_UNKNOWN({ ...facts, known });
      try {
        const decoded: object = definition.shape.decode(raise(data, definition, schemaVersion, known));
        return { ...decoded, type } as unknown as Event;
      } catch (cause) {
        throw eventStoreErrors.EVENT_UNREADABLE(facts, { cause });
      }
    },
  };
}

function raise(data: Json, { upcasters = {} }: EventDefinition<never>, from: number, to: number): Json {
  let raised = data;
  for (let version = from; version < to; version++) {
    const upcast = upcasters[version];
    if (upcast === undefined) throw new Error(`Version ${version} was never stored.`);
    if (!isObject(raised)) throw new Error("The event is no JSON object.");
    raised = upcast(raised);
  }
  return raised;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function versionOf(type: string, { version = 1, upcasters = {} }: EventDefinition<never>): number {
  if (!Number.isInteger(version) || version < 1)
    throw new Error(`The event ${type} has version ${version}: versions are integers from 1.`);
  const older = Array.from({ length: version - 1 }, (_, index) => String(index + 1));
  const wrong = [...older, ...Object.keys(upcasters)].find((key) => !older.includes(key) || !(key in upcasters));
  if (wrong !== undefined)
    throw new Error(`The event ${type} of version ${version} needs one upcaster for each older version: see ${wrong}.`);
  return version;
}
