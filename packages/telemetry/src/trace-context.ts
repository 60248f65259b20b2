import { randomFillSync } from "node:crypto";
import {
  type Context,
  context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { contextOfSpan } from "./span-only.ts";
import { isTracing } from "./tracing.ts";

/** Headers with `traceparent` and `tracestate` in lower case: of a request, gRPC metadata or an event. */
export type Carrier = Record<string, string>;

// Also without tracing the context carries the caller's trace id into logs, calls and events.
context.setGlobalContextManager(new AsyncLocalStorageContextManager());

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/**
 * Writes the active trace into a carrier as `traceparent` and `tracestate` (https://www.w3.org/TR/trace-context/).
 *
 * ```ts
 * const headers: Carrier = {};
 * injectTrace(headers); // Adds traceparent if a trace is active.
 * ```
 */
export function injectTrace(carrier: Carrier): void {
  const active = trace.getSpanContext(context.active());
  if (!active || !isSpanContextValid(active)) return;
  carrier.traceparent = `00-${active.traceId}-${active.spanId}-${active.traceFlags.toString(16).padStart(2, "0")}`;
  const state = active.traceState?.serialize();
  if (state) carrier.tracestate = state;
}

/**
 * Returns the context that a carrier names, as the parent of later spans; an empty one if it names none or is malformed.
 */
export function extractTrace(carrier: Readonly<Partial<Carrier>>): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(carrier.traceparent ?? "") ?? [];
  if (!traceId || !spanId || !flags) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  const remote: SpanContext = { traceId, spanId, traceFlags, isRemote: true };
  if (!isSpanContextValid(remote)) return ROOT_CONTEXT;
  const state = carrier.tracestate;
  return contextOfSpan(state ? { ...remote, traceState: createTraceState(state) } : remote);
}

/**
 * Runs `fn` within the trace the carrier names, and in a new one if it names none. Without tracing it still gives logs, calls and events
 * one trace id.
 *
 * ```ts
 * runWithTrace({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }, () => currentTraceId());
 * ```
 */
export function runWithTrace<T>(carrier: Readonly<Partial<Carrier>>, fn: () => T): T {
  const named = extractTrace(carrier);
  // With tracing on, the first span starts the trace and the sampler decides about it.
  return context.with(named === ROOT_CONTEXT && !isTracing() ? newTrace() : named, fn);
}

/** Returns the context of the code that runs now, to be passed to {@link runInContext} later. */
export function currentContext(): Context {
  return context.active();
}

/**
 * Runs `fn` in a context taken earlier, such as from a callback that lost it.
 *
 * ```ts
 * const context = currentContext();
 * setTimeout(() => runInContext(context, () => currentTraceId()), 10); // The same trace as now.
 * ```
 */
export function runInContext<T>(taken: Context, fn: () => T): T {
  return context.with(taken, fn);
}

/** Returns the trace id that logs show now: 32 hexadecimal digits; undefined without a trace. */
export function currentTraceId(): string | undefined {
  return trace.getSpanContext(context.active())?.traceId;
}

/** Random bytes for the next traces: one call for many costs a fraction of a call for each. */
const ids = Buffer.alloc(24 * 128);
let taken = ids.length;

function newTrace(): Context {
  if (taken === ids.length) {
    randomFillSync(ids);
    taken = 0;
  }
  const hex = ids.toString("hex", taken, taken + 24);
  taken += 24;
  return contextOfSpan({ traceId: hex.slice(0, 32), spanId: hex.slice(32), traceFlags: TraceFlags.NONE });
}
