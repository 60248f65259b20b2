export type { Context, Span } from "@opentelemetry/api";
export { type ExternalRequest, type RequestObserver, requestsTo } from "./http-client-metrics.ts";
export { createLogger, type Logger } from "./logger.ts";
export { counter, gauge, histogram, registry } from "./metrics.ts";
export { collectProcessMetrics } from "./process-metrics.ts";
export { redact } from "./redact.ts";
export { type SpanKindName, type SpanOptions, withSpan } from "./span.ts";
export {
  type Carrier,
  currentContext,
  currentTraceId,
  extractTrace,
  injectTrace,
  runInContext,
  runWithTrace,
} from "./trace-context.ts";
export { isTracing, startTracing } from "./tracing.ts";
