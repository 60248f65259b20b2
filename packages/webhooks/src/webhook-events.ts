import { isKontorError, isTransient } from "@kontor/errors";
import type { SignedMessage } from "./signed-message.ts";

/** One event of a webhook. */
export interface WebhookEvent {
  /** Unique for the event. Undefined if an element of an array has none. */
  readonly id: string | undefined;
  /** The event as parsed JSON. */
  readonly content: unknown;
  /** Where it is in the request: `payload`, or `payload[2]`. */
  readonly field: string;
}

/**
 * Returns the events of a verified webhook: its body, or the elements of the array that its body is. An event alone has the id of the
 * message, an element has its own.
 *
 * @throws SyntaxError if the body is not JSON
 */
export function eventsOf({ id, body }: SignedMessage): readonly WebhookEvent[] {
  const content: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
  if (!Array.isArray(content)) return [{ id, content, field: "payload" }];
  return content.map((element: unknown, place) => ({
    id: idOf(element),
    content: element,
    field: `payload[${place}]`,
  }));
}

function idOf(element: unknown): string | undefined {
  const named = typeof element === "object" && element !== null && "id" in element ? element.id : undefined;
  return typeof named === "string" && named !== "" ? named : undefined;
}

/** The largest number of keys at the same time. */
const SIDE_BY_SIDE = 64;

/** Reads one event. Undefined if it does not concern the receiver. Throws if it cannot be read. */
export type ReadEvent<T> = () => T | undefined;

/**
 * Handles the events of a webhook: those of one key in their order, different keys at the same time. An event that cannot be read or fails
 * affects no other key. Throws once all have ended, first what a repetition of the webhook may cure.
 */
export async function handleEach<T>(
  events: readonly ReadEvent<T>[],
  keyOf: (event: T) => string,
  handle: (event: T) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  const read = events.flatMap((one) => {
    try {
      const event = one();
      return event === undefined ? [] : [event];
    } catch (error) {
      errors.push(error);
      return [];
    }
  });
  const inOrder = async (ones: readonly T[]) => {
    for (const one of ones) await handle(one);
  };
  const groups = [...Map.groupBy(read, keyOf).values()];
  for (let start = 0; start < groups.length; start += SIDE_BY_SIDE) {
    const some = groups.slice(start, start + SIDE_BY_SIDE);
    await Promise.all(some.map((ones) => inOrder(ones).catch((error: unknown) => void errors.push(error))));
  }
  if (errors.length > 0) throw errors.find((error) => isTransient(error) || !isKontorError(error)) ?? errors[0];
}
