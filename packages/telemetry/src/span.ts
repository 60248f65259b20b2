import {
  type Attributes,
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { isTracing } from "./tracing.ts";

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** The part a span plays, as OpenTelemetry names it. */
export type SpanKindName = keyof typeof KINDS;

/** How a span is made. */
export interface SpanOptions {
  /** Defaults to `internal`. */
  readonly kind?: SpanKindName;
  /** Names of the semantic conventions. Never values of queries, never secrets. */
  readonly attributes?: Attributes;
  /** The parent, such as from `extractTrace`; defaults to the active span. */
  readonly parent?: Context;
  /** Makes no span where none is active, so that polling loops create none. */
  readonly onlyAsChild?: boolean;
}

const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/**
 * Runs `fn` in a span that ends when `fn` does, also when it returns a promise. Its error is recorded and thrown. With tracing off it only
 * calls `fn`, in the parent's context if one is given.
 *
 * ```ts
 * const rows = await withSpan("load orders", { kind: "client", attributes: { "db.system": "postgresql" } }, async () => [1, 2]);
 * ```
 */
export function withSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T {
  const { parent } = options;
  if (!isTracing()) return parent ? context.with(parent, fn, undefined, NO_SPAN) : fn(NO_SPAN);

  const inherited = parent ?? context.active();
  if (options.onlyAsChild && !trace.getSpanContext(inherited)) return fn(NO_SPAN);
  const kind = KINDS[options.kind ?? "internal"];
  const span = trace.getTracer("kontor").startSpan(name, { kind, attributes: options.attributes ?? {} }, inherited);
  return context.with(trace.setSpan(inherited, span), () => recordOutcome(span, fn));
}

function recordOutcome<T>(span: Span, fn: (span: Span) => T): T {
  let result: T;
  try {
    result = fn(span);
  } catch (error) {
    fail(span, error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  return result.then(
    (value) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      fail(span, error);
      throw error;
    },
  ) as T;
}

function fail(span: Span, error: unknown): void {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  span.setAttribute("error.type", reasonOf(error) ?? name);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.end();
}

function reasonOf(error: unknown): string | undefined {
  return error instanceof Error && "reason" in error && typeof error.reason === "string" ? error.reason : undefined;
}
