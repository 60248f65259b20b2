import { invalid, violation } from "@kontor/errors";
import { jsonPath, type Received } from "./field.ts";
import type { MethodPolicy } from "./method-policy.ts";
import { policyErrors } from "./policy-errors.ts";
import type { Principal } from "./principal.ts";

/** The name in errors of a caller that proved no identity. */
export const NO_CALLER = "outsiders";

/**
 * Returns if the call is permitted; throws otherwise.
 *
 * @param caller name of the calling service, as the server verified it
 * @throws KontorError UNAUTHENTICATED (TOKEN_MISSING) or PERMISSION_DENIED (SCOPE_MISSING, NOT_OWNER, CALLER_NOT_ALLOWED)
 */
export function authorise(
  { auth }: MethodPolicy,
  request: Received,
  principal: Principal | undefined,
  caller: string | undefined,
): void {
  switch (auth.kind) {
    case "public":
      return;
    case "internal":
      if (caller === undefined || !auth.callers.includes(caller))
        throw policyErrors.CALLER_NOT_ALLOWED({ caller: caller ?? NO_CALLER });
      return;
    case "user": {
      if (!principal && auth.guests) return;
      if (!principal) throw policyErrors.TOKEN_MISSING();
      for (const scope of auth.scopes) if (!principal.scopes.has(scope)) throw policyErrors.SCOPE_MISSING({ scope });
      if (!auth.owner || auth.owner(request) === principal.subject) return;
      if (auth.ownerBypassScope && principal.scopes.has(auth.ownerBypassScope)) return;
      throw policyErrors.NOT_OWNER({ field: jsonPath(auth.ownerField ?? "") });
    }
  }
}

/**
 * Refuses a call whose contract requires an idempotency key in a field and that carries none. A key that only the header
 * carries is the edge's matter.
 *
 * @throws KontorError INVALID_ARGUMENT naming the field
 */
export function requireIdempotencyKey({ idempotency }: MethodPolicy, request: Received): void {
  if (!idempotency?.required || idempotency.field === "" || idempotency.key(request) !== "") return;
  throw invalid([violation(jsonPath(idempotency.field), "KEY_REQUIRED")]);
}
