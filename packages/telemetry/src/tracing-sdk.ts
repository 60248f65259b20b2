import { setTimeout as delay } from "node:timers/promises";
import { DiagLogLevel, diag, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Logger } from "./logger.ts";
import { samplerFromEnvironment } from "./sampler.ts";

/** The time for the last spans. An unreachable backend must not prevent that a process stops in time. */
const FLUSH_MS = 2_000;

/** Starts the SDK; loaded only when tracing is on. Returns a function that flushes and stops it. */
export function startSdk(service: string, log?: Logger): () => Promise<void> {
  if (log) diag.setLogger(complaintsTo(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const name = process.env.OTEL_SERVICE_NAME || service;
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        "service.name": name,
        "service.namespace": "kontor",
      }),
    ),
    sampler: samplerFromEnvironment(process.env),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        ...batching(process.env),
      }),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  return async () => {
    trace.disable();
    await withinFlushTime(provider.shutdown());
  };
}

async function withinFlushTime(flushed: Promise<void>): Promise<void> {
  const over = new AbortController();
  const timeUp = delay(FLUSH_MS, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([flushed, timeUp]).finally(() => over.abort());
}

/** Logs problems of the SDK as warnings. */
function complaintsTo(log: Logger) {
  const warn = (problem: string) => log.warn({ problem: problem.slice(0, 300) }, "trace export failed");
  return { error: warn, warn, info: () => {}, debug: () => {}, verbose: () => {} };
}

function batching({ OTEL_BSP_SCHEDULE_DELAY: delay, OTEL_BSP_MAX_QUEUE_SIZE: queue }: NodeJS.ProcessEnv) {
  return {
    ...(delay ? { scheduledDelayMillis: Number(delay) } : {}),
    ...(queue ? { maxQueueSize: Number(queue) } : {}),
  };
}
