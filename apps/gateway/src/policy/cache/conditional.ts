import { createHash } from "node:crypto";
import type { Reply } from "@kontor/transcoder";

/** A strong validator for the bytes of an answer. */
export function entityTag({ headers, body }: Reply): string {
  const hash = createHash("sha256")
    .update(headers["Content-Type"] ?? "")
    .update("\n");
  return `"${hash
    .update(body ?? "")
    .digest("base64url")
    .slice(0, 27)}"`;
}

/** Whether the client already has what the tag stands for: `If-None-Match` of RFC 9110, section 13.1.2. */
export function matches(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return [...ifNoneMatch.matchAll(/(?:W\/)?("[^"]*")/g)].some(([, known]) => known === tag);
}

/** What a client wants of caches on the way. */
export interface CacheDirectives {
  /** An answer that was just made. */
  readonly fresh: boolean;
  /** The response must not be stored. */
  readonly unkept: boolean;
}

const none: CacheDirectives = { fresh: false, unkept: false };

/** Reads `Cache-Control` of a request. `max-age=0` asks for a fresh answer, as browsers do on reload. */
export function directivesOf(cacheControl: string | undefined): CacheDirectives {
  if (cacheControl === undefined) return none;
  const directives = cacheControl
    .toLowerCase()
    .split(",")
    .map((directive) => directive.trim());
  const unkept = directives.includes("no-store");
  return { fresh: unkept || directives.includes("no-cache") || directives.includes("max-age=0"), unkept };
}
