import { injectTrace } from "@kontor/telemetry";
import { badHeader, say, singleHeader } from "@kontor/transcoder";
import type { FastifyRequest } from "fastify";

/**
 * Returns what an upstream receives of a request next to the message: the request id, the trace, and the headers that are
 * allowed through. Nothing else that a client sends becomes metadata.
 */
export function metadataOf(request: FastifyRequest, allowed: readonly string[]): Record<string, string> {
  const metadata: Record<string, string> = { "x-request-id": request.id };
  for (const name of allowed) {
    const value = singleHeader(request.raw, name);
    if (value === undefined) continue;
    if (!/^[\x20-\x7e]*$/.test(value)) throw badHeader(name, say("NOT_ASCII", { name }));
    metadata[name.toLowerCase()] = value;
  }
  injectTrace(metadata);
  return metadata;
}
