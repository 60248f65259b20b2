import { AsyncLocalStorage } from "node:async_hooks";
import type { Principal } from "@kontor/policy";
import type { Headers } from "./headers.ts";

/** The call that a handler processes: its caller, deadline, cancellation and request id. */
export interface CallContext {
  /** The user of the call's valid token. Always set if the contract requires scopes. */
  readonly principal?: Principal | undefined;
  /** The service that calls, if it proved its name. */
  readonly caller?: string | undefined;
  /** The deadline. Far in the future if no limit is set. */
  readonly deadline: Date;
  /** Aborted when the caller cancels, the deadline passes or the server stops; the reason is a KontorError. */
  readonly signal: AbortSignal;
  /** The metadata that the caller sent. */
  readonly metadata: Headers;
  /** Correlates logs across services. */
  readonly requestId: string;
  /**
   * Applies the rules of the contract to the request. Called by handlers of RPCs that declare `kontor.rules.v1.validated_by_service`;
   * the requests of all others are validated before.
   *
   * @throws KontorError INVALID_REQUEST
   */
  validate(): void;
  /** Adds response metadata. Has no effect once the first message went out. */
  setHeader(name: string, value: string): void;
}

/** The latest instant of a Date: no deadline is set. */
export const NO_DEADLINE = 8.64e15;

const calls = new AsyncLocalStorage<CallContext & { readonly finished?: boolean }>();

/**
 * Returns the call that the current code processes, or undefined outside of a call. Clients inherit deadline, cancellation and user from
 * it. Work that outlives its call has no caller.
 *
 * ```ts
 * const userId = currentCall()?.principal?.subject;
 * ```
 */
export function currentCall(): CallContext | undefined {
  const call = calls.getStore();
  return call?.finished ? undefined : call;
}

/** Runs `fn` as a part of processing `call`. */
export function runInCall<T>(call: CallContext, fn: () => T): T {
  return calls.run(call, fn);
}

/**
 * Runs `fn` as part of no call: for work that must outlive the call that set it off.
 *
 * ```ts
 * const refresh = async () => console.log("refreshed");
 * void runOutsideCall(refresh); // Continues when the call has ended.
 * ```
 */
export function runOutsideCall<T>(fn: () => T): T {
  return calls.exit(fn);
}
