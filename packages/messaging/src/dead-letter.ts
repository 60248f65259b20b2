import { defineErrors } from "@kontor/errors";

/** A message that a consumer gave up. */
export interface DeadLetter {
  /** Id of the letter. */
  readonly id: string;
  /** The durable that gave it up. */
  readonly consumer: string;
  /** Id of the event. */
  readonly messageId: string;
  /** Full proto type name. */
  readonly type: string;
  /** The key of the event. */
  readonly key: string;
  /** The event as it was received, in binary protobuf. */
  readonly payload: Uint8Array;
  /** The CloudEvents headers, in lower case. */
  readonly headers: Record<string, string>;
  /** Why the last attempt failed. */
  readonly reason: string;
  /** How often its handler ran. */
  readonly attempts: number;
  /** When the last attempt failed. */
  readonly failedAt: Date;
  /** When an operator resolved it; `null` while it is open. */
  readonly resolvedAt: Date | null;
  /** `redriven`, or `discarded: ` and the operator's reason. */
  readonly resolution: string | null;
}

/** Which dead letters; all conditions must hold. */
export interface DeadLetterFilter {
  /** The durable. */
  readonly consumer?: string;
  /** Full proto type name. */
  readonly type?: string;
  /** The key of the event. */
  readonly key?: string;
  /** Id of the event. */
  readonly messageId?: string;
  /** Default: only unresolved ones. */
  readonly includeResolved?: boolean;
  /** Default 50, at most 500. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

/** The operator's actions on dead letters. */
export interface DeadLetters {
  /** Newest first. `next` is set if there is more. */
  list(filter?: DeadLetterFilter): Promise<{ letters: DeadLetter[]; next?: string }>;
  /** Throws DEAD_LETTER_NOT_FOUND. */
  get(id: string): Promise<DeadLetter>;
  /**
   * Runs the handler once more, in this process, in one transaction with the resolution. An error of the handler is thrown, and the letter
   * remains with one more attempt. Throws DEAD_LETTER_RESOLVED the second time, CONSUMER_UNKNOWN if this process has no such handler.
   */
  redrive(id: string): Promise<DeadLetter>;
  /**
   * Defers the message again: its consumer, wherever it runs, handles it within 5 seconds, behind the deferred messages of its
   * key.
   * If it fails permanently, it is a dead letter again. Throws DEAD_LETTER_RESOLVED if it is resolved.
   */
  retry(id: string): Promise<void>;
  /** Resolves it without effect. Throws DEAD_LETTER_RESOLVED the second time. */
  discard(id: string, reason: string): Promise<DeadLetter>;
}

/** Why an operator's request about a dead letter is refused. */
export const deadLetterErrors = defineErrors("messaging.kontor", {
  DEAD_LETTER_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { id: string }) => `Dead letter ${f.id} does not exist.`,
    de: "Die unzustellbare Nachricht {id} gibt es nicht.",
  },
  DEAD_LETTER_RESOLVED: {
    code: "FAILED_PRECONDITION",
    message: (f: { id: string; resolution: string }) => `Dead letter ${f.id} is resolved already: ${f.resolution}.`,
    de: "Die unzustellbare Nachricht {id} ist schon erledigt: {resolution}.",
  },
  CONSUMER_UNKNOWN: {
    code: "FAILED_PRECONDITION",
    message: (f: { consumer: string; type: string }) => `This process has no handler of ${f.consumer} for ${f.type}.`,
    de: "Dieser Prozess hat für {consumer} keinen Handler für {type}.",
  },
});
