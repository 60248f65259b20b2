import type { KontorError } from "@kontor/errors";

/** What RFC 6750 adds to a refused token. Who brought none learns only that one is wanted. */
export function challengeOf({ reason, metadata }: KontorError): Readonly<Record<string, string>> {
  if (reason === "TOKEN_INVALID" || reason === "TOKEN_EXPIRED" || reason === "TOKEN_REVOKED")
    return { "WWW-Authenticate": 'Bearer error="invalid_token"' };
  if (reason === "SCOPE_MISSING")
    return { "WWW-Authenticate": `Bearer error="insufficient_scope", scope="${metadata.scope}"` };
  return {};
}
