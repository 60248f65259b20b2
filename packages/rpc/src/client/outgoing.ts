import { injectTrace } from "@kontor/telemetry";
import { type CallContext, NO_DEADLINE } from "../call-context.ts";
import { HEADER } from "../headers.ts";

/** What may accompany one call of a client. */
export interface CallOptions {
  /** Cancels the call, next to the signal of the call being handled. */
  readonly signal?: AbortSignal;
  /** The answer is worthless after this, also if the call being answered has longer. */
  readonly deadline?: Date;
  /** Instead of the client's own timeout. */
  readonly timeoutMs?: number;
  /** Sent with the call. Default: none. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Whether the call may be repeated. Default: what the contract says of the RPC. */
  readonly idempotent?: boolean;
  /**
   * Whether a call that may be repeated is retried until its deadline while the callee is UNAVAILABLE, within the retry budget.
   * Default: false, at most 3 attempts. For reads without which a request fails, so that a restart of their callee delays it
   * only.
   */
  readonly untilDeadline?: boolean;
}

/** Returns the metadata of an outgoing call: the user and request it acts for, and the trace. */
export function outgoingMetadata(
  context: CallContext | undefined,
  extra: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const metadata: Record<string, string> = {};
  if (context) {
    metadata[HEADER.requestId] = context.requestId;
    if (context.principal) metadata[HEADER.authorization] = `Bearer ${context.principal.token}`;
  }
  injectTrace(metadata);
  return extra ? Object.assign(metadata, extra) : metadata;
}

/**
 * Returns the earliest of what the call, the caller's own caller and the timeout allow, in milliseconds since the epoch; infinite
 * without any.
 */
export function outgoingDeadline(options: CallOptions, timeoutMs: number, context: CallContext | undefined): number {
  const earliest = Math.min(
    Date.now() + (options.timeoutMs ?? timeoutMs),
    options.deadline?.getTime() ?? NO_DEADLINE,
    context?.deadline.getTime() ?? NO_DEADLINE,
  );
  return earliest >= NO_DEADLINE ? Number.POSITIVE_INFINITY : earliest;
}

/** Aborts when either the caller of this call or the one it is made for gives up. */
export function outgoingSignal(options: CallOptions, context: CallContext | undefined): AbortSignal | undefined {
  if (!context) return options.signal;
  return options.signal ? AbortSignal.any([options.signal, context.signal]) : context.signal;
}
