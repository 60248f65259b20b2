import { ConfigError, checkUrl } from "@kontor/config";
import type { Logger } from "./logger.ts";

let tracing = false;

/** Returns whether spans are recorded. */
export function isTracing(): boolean {
  return tracing;
}

/** The service of the spans, and the log of failed exports. */
export interface TracingOptions {
  readonly service: string;
  readonly log?: Logger;
}

/**
 * Starts exporting spans by OTLP over HTTP if OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set; otherwise nothing
 * is loaded. The other `OTEL_*` variables follow the specification
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 *
 * ```ts
 * const log = createLogger({ service: "orders" });
 * const stop = await startTracing({ service: "orders", log });
 * await stop(); // Sends the last spans.
 * ```
 *
 * @returns the function that stops it, after the last spans were sent.
 * @throws ConfigError if an endpoint is no HTTP URL or has a part that the exporter does not use.
 */
export async function startTracing({ service, log }: TracingOptions): Promise<() => Promise<void>> {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: all,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces,
    OTEL_SDK_DISABLED: disabled,
  } = process.env;
  if ((!all && !traces) || disabled === "true" || tracing) return async () => {};
  checkEndpoints({ OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces });
  const { startSdk } = await import("./tracing-sdk.ts");
  const stop = startSdk(service, log);
  tracing = true;
  return async () => {
    tracing = false;
    await stop();
  };
}

function checkEndpoints(endpoints: Readonly<Record<string, string | undefined>>): void {
  const problems = Object.entries(endpoints).flatMap(([variable, endpoint]) => {
    if (!endpoint) return [];
    const checked = checkUrl(endpoint, { protocols: ["http", "https"], path: true });
    const remedy = "Set it to an HTTP URL of host, port and path; put credentials into OTEL_EXPORTER_OTLP_HEADERS.";
    return "problem" in checked ? [{ variable, problem: checked.problem, remedy }] : [];
  });
  if (problems.length > 0) throw new ConfigError(problems);
}
