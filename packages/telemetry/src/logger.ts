import { context, trace } from "@opentelemetry/api";
import {
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
  type LoggerOptions,
  pino,
} from "pino";
import { redact } from "./redact.ts";
import { serializeError } from "./serialize-error.ts";

export type { Logger };

/**
 * Creates a logger that writes one JSON object a line to stdout: `level` by name, `time` in ISO 8601, `service`, and `traceId` and
 * `spanId` of the active trace. Secrets are redacted by name, errors are under `err`. Default of `level`: LOG_LEVEL, else `info`.
 *
 * ```ts
 * const log = createLogger({ service: "orders" });
 * log.info({ orderId: "o-1" }, "order placed");
 * log.error({ err: new Error("The carrier is unreachable.") }, "dispatch failed");
 * ```
 */
export function createLogger(
  { service, level = process.env.LOG_LEVEL || "info" }: { readonly service: string; readonly level?: string },
  destination?: DestinationStream,
): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => redact(fields) as Record<string, unknown>,
    },
    serializers: { err: serializeError },
    mixin: activeTrace,
  };
  return redactChildren(destination ? pino(options, destination) : pino(options));
}

function activeTrace(): object {
  const active = trace.getSpanContext(context.active());
  return active ? { traceId: active.traceId, spanId: active.spanId } : {};
}

// pino formats the fields of a line but not those of a child; children inherit this override.
function redactChildren(log: Logger): Logger {
  const child: (this: Logger, bindings: Bindings, options?: ChildLoggerOptions) => Logger = log.child;
  return Object.assign(log, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions) {
      return child.call(this, redact(bindings) as Bindings, options);
    },
  });
}
