import { injectTrace } from "@kontor/telemetry";
import { badHeader, type EdgeCall, say, singleHeader } from "@kontor/transcoder";
import { isVisible } from "../shared-call.ts";

/**
 * Returns the metadata that an upstream receives with the message: the request id, the trace, and the allowed headers. No other header of a
 * client becomes metadata.
 */
export function metadataOf(call: EdgeCall, allowed: readonly string[]): Record<string, string> {
  const { id, raw } = call.request;
  const metadata: Record<string, string> = { "x-request-id": id };
  for (const name of allowed) {
    const key = name.toLowerCase();
    const value = isVisible(call, key) ? singleHeader(raw, name) : undefined;
    if (value === undefined) continue;
    if (!/^[\x20-\x7e]*$/.test(value)) throw badHeader(name, say("NOT_ASCII", { name }));
    metadata[key] = value;
  }
  injectTrace(metadata);
  return metadata;
}

const TIMEOUT = "x-request-timeout";

/** Returns whether the client of a call chose its deadline. */
export function isImpatient(call: EdgeCall): boolean {
  return call.request.headers[TIMEOUT] !== undefined && isVisible(call, TIMEOUT);
}
