import { stdSerializers } from "pino";
import { redact } from "./redact.ts";

/** Returns an error for the log, with its causes, without the data that PostgreSQL repeats. */
export function serializeError(error: Error): unknown {
  return withoutRows(stdSerializers.errWithCause(error));
}

// `detail` and `where` of a database error quote whole rows, with all their data.
function withoutRows(serialized: object): object {
  const { detail: _, where: __, cause, ...shown } = { ...serialized } as Record<string, unknown>;
  const clean = redact(shown) as object;
  return typeof cause === "object" && cause !== null ? { ...clean, cause: withoutRows(cause) } : clean;
}
