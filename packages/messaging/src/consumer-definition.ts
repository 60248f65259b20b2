import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { Tx } from "@kontor/postgres";
import { checkKnown, checkUpcasters, type EventUpcasters, raise } from "./event-version.ts";

/** The facts about an event that a handler receives in addition to its content. */
export interface EventContext {
  /** The inbox transaction: the effect and outgoing events belong into it, remote calls do not. */
  readonly tx: Tx;
  /** The id of the event: the same in every repetition. */
  readonly id: string;
  /** Full proto type name. */
  readonly type: string;
  /** Events of one key arrive in order. */
  readonly key: string;
  /** When the event was recorded. */
  readonly time: Date;
}

/** What one consumer does about one type of event. */
export interface EventHandler {
  /** Full proto type name. */
  readonly type: string;
  /**
   * Decodes a payload of this version, 1 by default, and returns the effect to run. Throws UNAVAILABLE `EVENT_VERSION_UNKNOWN` for a
   * version that the contract of this release does not have, and another error if the payload cannot be decoded.
   */
  prepare(payload: Uint8Array, version?: number): (context: EventContext) => Promise<void>;
}

/** A durable consumer and its handlers. The topology must declare the same durable, stream and events. */
export interface ConsumerDefinition {
  /** Name of the durable, as the topology has it. A new name receives all events again. */
  readonly durable: string;
  /** Name of the stream that it reads. */
  readonly stream: string;
  /** One handler for each type of event. */
  readonly handlers: readonly EventHandler[];
}

/**
 * Handles one type of event. The effect commits together with the inbox row, so it happens once. A PermanentError, or an
 * error of a catalogue that refuses (INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, OUT_OF_RANGE), makes
 * the message a dead letter at once. After any other error the message is retried until it succeeds. An event of an older version
 * is raised by `upcasters` first; one of a newer version waits, deferred, for a release that has it.
 *
 * ```ts
 * import { StringValueSchema } from "@bufbuild/protobuf/wkt";
 * const store = on(StringValueSchema, async ({ value }, { tx, id }) => {
 *   await tx.query("INSERT INTO greetings (id, text) VALUES ($1, $2)", [id, value]);
 * });
 * ```
 *
 * @throws Error unless there is one upcaster for each version before that of the contract.
 */
export function on<D extends DescMessage>(
  schema: D,
  handle: (event: MessageShape<D>, context: EventContext) => Promise<void>,
  upcasters: EventUpcasters<D> = {},
): EventHandler {
  checkUpcasters(schema, upcasters);
  return {
    type: schema.typeName,
    prepare: (payload, version = 1) => {
      checkKnown(schema, version);
      const event = raise(schema, upcasters, fromBinary(schema, payload), version);
      return (context) => handle(event, context);
    },
  };
}

/**
 * Returns a consumer after checking that no type has two handlers.
 *
 * ```ts
 * import { StringValueSchema } from "@bufbuild/protobuf/wkt";
 * const consumer = defineConsumer({
 *   durable: "mails-greetings",
 *   stream: "greetings",
 *   handlers: [on(StringValueSchema, async ({ value }) => console.log(value))],
 * });
 * ```
 *
 * @throws Error naming the type that has two handlers.
 */
export function defineConsumer(definition: ConsumerDefinition): ConsumerDefinition {
  const types = definition.handlers.map(({ type }) => type);
  const twice = types.find((type, place) => types.indexOf(type) !== place);
  if (twice) throw new Error(`Consumer ${definition.durable} handles ${twice} twice.`);
  return definition;
}
