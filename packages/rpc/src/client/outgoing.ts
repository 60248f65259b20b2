import { injectTrace } from "@kontor/telemetry";
import { type CallContext, NO_DEADLINE } from "../call-context.ts";
import { HEADER } from "../headers.ts";

/** The options of one call of a client. */
export interface CallOptions {
  /** Cancels the call, next to the signal of the call being handled. */
  readonly signal?: AbortSignal;
  /** The deadline, for a response that is useless later. It applies even if the handled call has more time. */
  readonly deadline?: Date;
  /** Replaces the client's timeout. */
  readonly timeoutMs?: number;
  /** Sent with the call. Default: none. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Whether the call may be repeated. Default: by the RPC's contract. */
  readonly idempotent?: boolean;
  /**
   * Whether a call that may be repeated is retried until its deadline while the callee is UNAVAILABLE, within the retry budget. Default:
   * false, up to 3 attempts. Set it for reads that a request cannot do without, so that a restart of their callee only delays the request.
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

/** Returns the earliest deadline of the call, the handled call and the timeout, in milliseconds since the epoch; Infinity without any. */
export function outgoingDeadline(options: CallOptions, timeoutMs: number, context: CallContext | undefined): number {
  const earliest = Math.min(
    Date.now() + (options.timeoutMs ?? timeoutMs),
    options.deadline?.getTime() ?? NO_DEADLINE,
    context?.deadline.getTime() ?? NO_DEADLINE,
  );
  return earliest >= NO_DEADLINE ? Number.POSITIVE_INFINITY : earliest;
}

/** Aborts when the caller of this call, or the caller of the handled call, cancels. */
export function outgoingSignal(options: CallOptions, context: CallContext | undefined): AbortSignal | undefined {
  if (!context) return options.signal;
  return options.signal ? AbortSignal.any([options.signal, context.signal]) : context.signal;
}
