import type { Logger } from "./logger.ts";

let tracing = false;

/** Whether spans are recorded. */
export function isTracing(): boolean {
  return tracing;
}

/** Whose spans they are, and where it is told that they could not be sent. */
export interface TracingOptions {
  readonly service: string;
  readonly log?: Logger;
}

/**
 * Starts exporting spans by OTLP over HTTP if OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set;
 * otherwise nothing is loaded. The other `OTEL_*` variables mean what the specification says
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 *
 * @returns what stops it, after the last spans were sent.
 */
export async function startTracing({ service, log }: TracingOptions): Promise<() => Promise<void>> {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: all,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces,
    OTEL_SDK_DISABLED: disabled,
  } = process.env;
  if ((!all && !traces) || disabled === "true" || tracing) return async () => {};
  const { startSdk } = await import("./tracing-sdk.ts");
  const stop = startSdk(service, log);
  tracing = true;
  return async () => {
    tracing = false;
    await stop();
  };
}
