import { createHash } from "node:crypto";
import type { Reply } from "@kontor/transcoder";

/** Returns a strong validator of a response's bytes. */
export function entityTag({ headers, body }: Reply): string {
  const hash = createHash("sha256")
    .update(headers["Content-Type"] ?? "")
    .update("\n");
  return `"${hash
    .update(body ?? "")
    .digest("base64url")
    .slice(0, 27)}"`;
}

/** Returns whether the client already has the version of the tag: `If-None-Match` of RFC 9110, section 13.1.2. */
export function matches(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return [...ifNoneMatch.matchAll(/(?:W\/)?("[^"]*")/g)].some(([, known]) => known === tag);
}

/** The cache directives of a client's request. */
export interface CacheDirectives {
  /** Whether the response must be fresh. */
  readonly fresh: boolean;
  /** The response must not be stored. */
  readonly unkept: boolean;
}

const none: CacheDirectives = { fresh: false, unkept: false };

/** Reads `Cache-Control` of a request. `max-age=0` requires a fresh response; browsers send it on reload. */
export function directivesOf(cacheControl: string | undefined): CacheDirectives {
  if (cacheControl === undefined) return none;
  const directives = cacheControl
    .toLowerCase()
    .split(",")
    .map((directive) => directive.trim());
  const unkept = directives.includes("no-store");
  return { fresh: unkept || directives.includes("no-cache") || directives.includes("max-age=0"), unkept };
}
