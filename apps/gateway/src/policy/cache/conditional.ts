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
export interface Wishes {
  /** An answer that was just made. */
  readonly fresh: boolean;
  /** The response must not be stored. */
  readonly unkept: boolean;
}

/** Reads `Cache-Control` of a request. `max-age=0` asks for a fresh answer, as browsers do on reload. */
export function wishesOf(cacheControl: string | undefined): Wishes {
  const wishes = (cacheControl ?? "")
    .toLowerCase()
    .split(",")
    .map((wish) => wish.trim());
  const unkept = wishes.includes("no-store");
  return { fresh: unkept || wishes.includes("no-cache") || wishes.includes("max-age=0"), unkept };
}
