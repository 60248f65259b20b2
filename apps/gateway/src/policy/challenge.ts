import { policyErrors } from "@kontor/policy";

/** A refusal, from here or from an upstream. */
interface Refusal {
  readonly domain: string;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const domain = policyErrors.TOKEN_INVALID.domain;
const refusedTokens: ReadonlySet<string> = new Set([
  policyErrors.TOKEN_INVALID.reason,
  policyErrors.TOKEN_EXPIRED.reason,
  policyErrors.TOKEN_REVOKED.reason,
]);

/**
 * Returns the headers that RFC 6750 adds to a refused token. A stream ends at the expiry of its token here or upstream, by the earlier of
 * two clocks, so refusals of both have them. A client without a token receives only that one is required.
 */
export function challengeOf(refusal: Refusal): Readonly<Record<string, string>> {
  if (refusal.domain !== domain) return {};
  if (refusedTokens.has(refusal.reason)) return { "WWW-Authenticate": 'Bearer error="invalid_token"' };
  if (refusal.reason === policyErrors.SCOPE_MISSING.reason)
    return { "WWW-Authenticate": `Bearer error="insufficient_scope", scope="${refusal.metadata.scope}"` };
  return {};
}
