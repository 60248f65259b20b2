import type { Message } from "@bufbuild/protobuf";
import { counter } from "@kontor/telemetry";
import type { Answer, EdgeCall, Reply } from "@kontor/transcoder";
import { decide } from "../decisions.ts";

const fallbacks = counter("kontor_gateway_fallbacks_total", "Responses that replaced an upstream's.", [
  "service",
  "method",
]);

/** Returns the response that replaces an upstream's, counted and marked. */
export function fallbackAnswer({ method, request }: EdgeCall, message: Message): Answer {
  decide(request, "fallback", true);
  fallbacks.inc({ service: method.parent.typeName, method: method.name });
  return { message, headers: { "Kontor-Fallback": "true" } };
}

/** Returns whether a response replaces an upstream's. Such a response is temporary and never stored. */
export function isFallback({ headers }: Reply): boolean {
  return "Kontor-Fallback" in headers;
}
