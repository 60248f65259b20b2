import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { status as Status } from "@grpc/grpc-js";
import { type ErrorInfo, ErrorInfoSchema } from "@kontor/contracts/google/rpc/error_details";
import { rpcErrors } from "../rpc-errors.ts";

/**
 * Why the client itself refused or abandoned a call: the circuits of all endpoints are open; the endpoint is silent, so that
 * its circuit opened during the call; or an overloaded callee refused another call of the method a moment ago.
 */
export type LocalRefusal = "circuit-open" | "unresponsive" | "shed";

/** The facts about a failed call in addition to its status. Retries, circuits and responses depend on nothing else. */
export interface FailureFacts {
  /** The details of `google.rpc.Status` as sent. Default: none. */
  readonly details?: readonly Any[];
  /** Whether the callee sent this status. Default: false. */
  readonly answered?: boolean;
  /** Whether a response had begun. Default: false. */
  readonly began?: boolean;
  /** Whether no callee has begun to process the call, so that repeating it is safe (RFC 9113, section 8.7). Default: false. */
  readonly unsent?: boolean;
  /** Whether the received bytes are no gRPC response. Default: false. */
  readonly transport?: boolean;
  /** Whether a server refused the request because it is too large. Default: false. */
  readonly tooLarge?: boolean;
  /** When the callee accepts a retry, in milliseconds from now; negative for never. Absent: the callee named no time. */
  readonly pushBackMs?: number | undefined;
  readonly local?: LocalRefusal;
  readonly cause?: unknown;
}

/** A failed call, whichever transport made it. */
export class CallFailure extends Error {
  /** The number of the status. */
  readonly code: number;
  readonly details: readonly Any[];
  readonly answered: boolean;
  readonly began: boolean;
  readonly unsent: boolean;
  readonly transport: boolean;
  readonly tooLarge: boolean;
  readonly pushBackMs: number | undefined;
  readonly local: LocalRefusal | undefined;
  /** Whether the call would have been retried, had the budget allowed it. */
  overBudget = false;

  constructor(code: number, message: string, facts: FailureFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "CallFailure";
    this.code = code;
    this.details = facts.details ?? [];
    this.answered = facts.answered ?? false;
    this.began = facts.began ?? false;
    this.unsent = facts.unsent ?? false;
    this.transport = facts.transport ?? false;
    this.tooLarge = facts.tooLarge ?? false;
    this.pushBackMs = facts.pushBackMs;
    this.local = facts.local;
  }

  /** Whether the call found no callee, or lost it. */
  get unreachable(): boolean {
    return !this.answered && this.code === Status.UNAVAILABLE;
  }

  /** Whether the connection or the stream was reset before a status. The callee may have done the work. */
  get reset(): boolean {
    const { code } = this;
    const isReset = code === Status.INTERNAL || code === Status.CANCELLED || code === Status.UNKNOWN;
    return isReset && !this.answered;
  }

  /** The first ErrorInfo among the details. */
  get info(): ErrorInfo | undefined {
    return firstOf(this.details, ErrorInfoSchema);
  }

  /** Whether the callee refused the call because of its own load. */
  get overloaded(): boolean {
    return this.answered && this.info?.reason === rpcErrors.OVERLOADED.reason;
  }
}

/** Returns the first detail of a type. Bytes that are no such message are skipped. */
export function firstOf<S extends DescMessage>(details: readonly Any[], schema: S): MessageShape<S> | undefined {
  for (const any of details) {
    try {
      const found = anyUnpack(any, schema);
      if (found) return found;
    } catch {} // Bytes that are no such message.
  }
  return undefined;
}
