import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { samplerFromEnvironment } from "./sampler.ts";

/** Loaded only when tracing is on. Returns what flushes and stops the SDK. */
export function startSdk(service: string): () => Promise<void> {
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
    await provider.shutdown();
  };
}

function batching({ OTEL_BSP_SCHEDULE_DELAY: delay, OTEL_BSP_MAX_QUEUE_SIZE: queue }: NodeJS.ProcessEnv) {
  return {
    ...(delay ? { scheduledDelayMillis: Number(delay) } : {}),
    ...(queue ? { maxQueueSize: Number(queue) } : {}),
  };
}
