import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { Tx } from "@kontor/postgres";

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
  /** Decodes, which may throw, and answers with the effect to run. */
  prepare(payload: Uint8Array): (context: EventContext) => Promise<void>;
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
 * the message a dead letter at once. After any other error the message is retried until it succeeds.
 *
 * ```ts
 * import { StringValueSchema } from "@bufbuild/protobuf/wkt";
 * const store = on(StringValueSchema, async ({ value }, { tx, id }) => {
 *   await tx.query("INSERT INTO greetings (id, text) VALUES ($1, $2)", [id, value]);
 * });
 * ```
 */
export function on<D extends DescMessage>(
  schema: D,
  handle: (event: MessageShape<D>, context: EventContext) => Promise<void>,
): EventHandler {
  return {
    type: schema.typeName,
    prepare: (payload) => {
      const event = fromBinary(schema, payload);
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
