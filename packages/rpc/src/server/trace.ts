import { runWithTrace, withSpan } from "@kontor/telemetry";
import { SpanStatusCode } from "@opentelemetry/api";
import { runInCall } from "../call-context.ts";
import { HEADER } from "../headers.ts";
import { codeNumber } from "../status.ts";
import type { Interceptor } from "./interceptor.ts";
import type { ServerCall } from "./server-call.ts";

/** Layer 1: the call's context and the caller's trace surround everything that follows, so logs and clients see them. */
export const trace: Interceptor = (next, { desc, fullName }) => {
  const span = {
    kind: "server",
    attributes: { "rpc.system": "grpc", "rpc.service": desc.parent.typeName, "rpc.method": desc.name },
  } as const;
  const spanned = (call: ServerCall) =>
    withSpan(fullName, span, async (active) => {
      await next(call);
      if (!active.isRecording()) return;
      active.setAttribute("rpc.grpc.status_code", call.error ? codeNumber(call.error.code) : 0);
      if (!call.error) return;
      active.setAttribute("error.type", call.error.reason);
      active.setStatus({ code: SpanStatusCode.ERROR, message: call.error.message });
    });
  return (call) => runInCall(call, () => runWithTrace(carrier(call), () => spanned(call)));
};

function carrier(call: ServerCall): Record<string, string> {
  const traceparent = call.get(HEADER.traceparent);
  if (!traceparent) return {};
  const tracestate = call.get(HEADER.tracestate);
  return tracestate ? { traceparent, tracestate } : { traceparent };
}
