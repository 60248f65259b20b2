import { gauge } from "@kontor/telemetry";
import { rpcErrors } from "../rpc-errors.ts";
import type { Interceptor } from "./interceptor.ts";

type InFlight = { calls: number; streams: number };

const owners = new Set<InFlight>();

gauge("kontor_rpc_server_in_flight", "Calls and streams in progress.", ["kind"], (metric) => {
  const sum = (kind: keyof InFlight) => [...owners].reduce((total, inFlight) => total + inFlight[kind], 0);
  metric.set({ kind: "call" }, sum("calls"));
  metric.set({ kind: "stream" }, sum("streams"));
});

/**
 * Layer 3: refuses calls before any work is spent on them, once the server's limit of calls in progress is reached. Streams have their own
 * limit, because they last.
 */
export function admission(limits: { readonly calls: number; readonly streams: number }): Interceptor {
  const inFlight = { calls: 0, streams: 0 };
  owners.add(inFlight);
  return (next, { streams }) => {
    const kind = streams ? "streams" : "calls";
    return async (call) => {
      if (inFlight[kind] >= limits[kind]) {
        call.error = rpcErrors.OVERLOADED({ retryAfterMs: 1000 });
        return;
      }
      inFlight[kind]++;
      try {
        await next(call);
      } finally {
        inFlight[kind]--;
      }
    };
  };
}
