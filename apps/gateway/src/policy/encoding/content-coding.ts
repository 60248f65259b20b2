import type { Reply } from "@kontor/transcoder";
import type { FastifyRequest } from "fastify";

/** The codings of responses, the preferred one first: zstd takes a third of the time of the others for the same size. */
export const CODINGS = ["zstd", "br", "gzip"] as const;

/** One of {@link CODINGS}. */
export type Coding = (typeof CODINGS)[number];

/** How the coding of a response is chosen. */
export interface CodingChoice {
  /** Returns whether the response depends on Accept-Encoding. */
  varies(request: FastifyRequest, reply: Reply): boolean;
  /** Returns the coding; undefined where the response is sent unchanged. */
  codingOf(request: FastifyRequest, reply: Reply): Coding | undefined;
}

/** Chooses a coding for responses of at least `minBytes` bytes. Zero chooses none. */
export function chooseCoding(fromBytes: number): CodingChoice {
  const varies = (request: FastifyRequest, reply: Reply) => isCompressible(request, reply, fromBytes);
  return {
    varies,
    codingOf(request, reply) {
      const accepted = request.headers["accept-encoding"];
      if (accepted === undefined || !varies(request, reply)) return undefined;
      return acceptedCoding(accepted);
    },
  };
}

/**
 * Returns whether a response may be compressed: JSON or text in response to a read. Responses of writes contain tokens, and a client's
 * input must not share a compressed body with a secret (BREACH).
 */
function isCompressible(request: FastifyRequest, { status, headers, body }: Reply, fromBytes: number): boolean {
  if (fromBytes === 0 || status !== 200 || body === undefined || body.length < fromBytes) return false;
  if (request.method !== "GET" && request.method !== "HEAD") return false;
  if (headers["Content-Encoding"] !== undefined || /\bno-transform\b/i.test(headers["Cache-Control"] ?? ""))
    return false;
  return /^(?:text\/|application\/(?:json|[\w.+-]+\+json)\b)/i.test(headers["Content-Type"] ?? "");
}

/**
 * Returns the coding that an Accept-Encoding header (RFC 9110, section 12.5.3) gives the highest weight, or undefined for none. An
 * uncompressed response is always acceptable, also where the header forbids it.
 */
export function acceptedCoding(header: string): Coding | undefined {
  const weights = new Map<string, number>();
  for (const part of header.slice(0, 1_000).split(",")) {
    const [, name, q = "1"] = element.exec(part) ?? [];
    if (name !== undefined) weights.set(name.toLowerCase().replace(/^x-/, ""), Number(q));
  }
  const others = weights.get("*") ?? 0;
  let best: Coding | undefined;
  let weight = 0;
  for (const coding of CODINGS) {
    const its = weights.get(coding) ?? others;
    if (its <= weight) continue;
    best = coding;
    weight = its;
  }
  return (weights.get("identity") ?? 0) > weight ? undefined : best;
}

/** A coding with a weight from 0 to 1. */
const element = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;

/** Returns the entity tag of a response in a coding: its bytes are others (RFC 9110, section 8.8.3.3). */
export function codedTag(tag: string, coding: Coding | undefined): string {
  return coding === undefined ? tag : tag.replace(/"$/, `-${coding}"`);
}
