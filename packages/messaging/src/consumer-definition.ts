import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { Tx } from "@kontor/postgres";

/** The facts about an event that a handler receives in addition to its content. */
export interface EventContext {
  /** The inbox transaction: the effect and outgoing events belong into it, remote calls do not. */
  readonly tx: Tx;
  readonly id: string;
  readonly type: string;
  readonly key: string;
  /** When the event was recorded. */
  readonly time: Date;
}

/** What one consumer does about one type of event. */
export interface EventHandler {
  readonly type: string;
  /** Decodes, which may throw, and answers with the effect to run. */
  prepare(payload: Uint8Array): (context: EventContext) => Promise<void>;
}

/** A durable consumer and its handlers. The topology must declare the same durable, stream and events. */
export interface ConsumerDefinition {
  readonly durable: string;
  readonly stream: string;
  readonly handlers: readonly EventHandler[];
}

/**
 * Handles one type of event. The effect commits together with the inbox row, so it happens once. A PermanentError, or an
 * error of a catalogue that refuses (INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, OUT_OF_RANGE), makes
 * the message a dead letter at once. After any other error the message is retried until it succeeds.
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

/** Checks that no type has two handlers. */
export function defineConsumer(definition: ConsumerDefinition): ConsumerDefinition {
  const types = definition.handlers.map(({ type }) => type);
  const twice = types.find((type, place) => types.indexOf(type) !== place);
  if (twice) throw new Error(`Consumer ${definition.durable} handles ${twice} twice.`);
  return definition;
}
