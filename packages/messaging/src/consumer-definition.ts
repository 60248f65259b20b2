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

/** The effect of one decoded event. */
export type Effect = (context: EventContext) => Promise<void>;

/** An effect, and the facts about its event. */
export interface PreparedEvent {
  /** The result of the handler's `prepare`. */
  readonly effect: Effect;
  readonly context: EventContext;
}

/** The handling of one type of event in one consumer. */
export interface EventHandler {
  /** Full proto type name. */
  readonly type: string;
  /**
   * Decodes a payload of this version, 1 by default, and returns the effect to run. Throws UNAVAILABLE `EVENT_VERSION_UNKNOWN` for a
   * version that the contract of this release does not have, and another error if the payload cannot be decoded.
   */
  prepare(payload: Uint8Array, version?: number): Effect;
  /** Runs the effects that this handler prepared together, in one transaction. Default: they run one after the other. */
  readonly together?: (events: readonly PreparedEvent[]) => Promise<void>;
  /** Whether the effects of different keys in a batch begin at the same time, so that their statements join. Default: false. */
  readonly joined?: boolean;
}

/** An event of a batch. */
export interface BatchedEvent<D extends DescMessage> {
  readonly event: MessageShape<D>;
  readonly context: EventContext;
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
      const event = decode(schema, upcasters, payload, version);
      return (context) => handle(event, context);
    },
  };
}

/**
 * Handles events of one type together, such as by one statement over arrays: those of a batch, or a single one. All have the same `tx`.
 * Several events may have one key, in order, so the effect must be the one of handling them one after the other. When it fails, the batch is
 * split until the event that fails is alone; errors and upcasters are as for {@link on}.
 *
 * ```ts
 * import { StringValueSchema } from "@bufbuild/protobuf/wkt";
 * const store = onBatch(StringValueSchema, async (events, tx) => {
 *   const ids = events.map(({ context }) => context.id);
 *   const texts = events.map(({ event }) => event.value);
 *   await tx.query("INSERT INTO greetings (id, text) SELECT * FROM unnest($1::uuid[], $2::text[])", [ids, texts]);
 * });
 * ```
 *
 * @throws Error unless there is one upcaster for each version before that of the contract.
 */
export function onBatch<D extends DescMessage>(
  schema: D,
  handle: (events: readonly BatchedEvent<D>[], tx: Tx) => Promise<void>,
  upcasters: EventUpcasters<D> = {},
): EventHandler {
  checkUpcasters(schema, upcasters);
  const decoded = new WeakMap<Effect, MessageShape<D>>();
  return {
    type: schema.typeName,
    prepare: (payload, version = 1) => {
      const event = decode(schema, upcasters, payload, version);
      const effect: Effect = (context) => handle([{ event, context }], context.tx);
      decoded.set(effect, event);
      return effect;
    },
    together: async (events) => {
      const batch = events.flatMap(({ effect, context }) => {
        const event = decoded.get(effect);
        return event ? [{ event, context }] : [];
      });
      const [first] = batch;
      if (first) await handle(batch, first.context.tx);
    },
  };
}

/**
 * Handles one type of event as {@link on} does, but the effects of a batch begin at the same time, each in its own trace. Those of one key
 * follow each other. So statements that a store makes through `createJoin` of `@kontor/batch` are shared by the events of a batch, also by
 * those of other joined handlers. When an effect fails, the batch is split until the event that fails is alone.
 *
 * ```ts
 * import { StringValueSchema } from "@bufbuild/protobuf/wkt";
 * import type { Tx } from "@kontor/postgres";
 * declare const greetings: { add(tx: Tx, id: string, text: string): Promise<void> };
 * const store = onJoined(StringValueSchema, ({ value }, { tx, id }) => greetings.add(tx, id, value));
 * ```
 *
 * @throws Error unless there is one upcaster for each version before that of the contract.
 */
export function onJoined<D extends DescMessage>(
  schema: D,
  handle: (event: MessageShape<D>, context: EventContext) => Promise<void>,
  upcasters: EventUpcasters<D> = {},
): EventHandler {
  return { ...on(schema, handle, upcasters), joined: true };
}

function decode<D extends DescMessage>(
  schema: D,
  upcasters: EventUpcasters<D>,
  payload: Uint8Array,
  version: number,
): MessageShape<D> {
  checkKnown(schema, version);
  return raise(schema, upcasters, fromBinary(schema, payload), version);
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
