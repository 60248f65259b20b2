import { callMetrics } from "../call-metrics.ts";
import type { Interceptor } from "./interceptor.ts";

/** Layer 3: counts and times every call, also those the layers below turn away. */
export const metrics: Interceptor = (next, { desc }) => {
  const observe = callMetrics("server", desc);
  return async (call) => {
    await next(call);
    observe(call.error?.code ?? "OK", call.startedAt);
  };
};
