import type { Logger } from "@kontor/telemetry";
import type { Interceptor } from "./interceptor.ts";

/** Layer 2: at level `debug` one line for every call, with the trace it belongs to. Above, the layer is not there at all. */
export function accessLog(log: Logger): Interceptor {
  return (next, { fullName }) => {
    if (!log.isLevelEnabled("debug")) return next;
    return async (call) => {
      await next(call);
      const durationMs = Math.round((performance.now() - call.startedAt) * 10) / 10;
      const { requestId, caller, principal, error } = call;
      const code = error?.code ?? "OK";
      log.debug({ rpc: fullName, code, durationMs, requestId, caller, subject: principal?.subject }, "response sent");
    };
  };
}
