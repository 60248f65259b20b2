import { createHash, timingSafeEqual } from "node:crypto";
import type { Message } from "@bufbuild/protobuf";
import { invalid } from "@kontor/errors";
import { jsonPath } from "./field.ts";
import type { MethodPolicy } from "./method-policy.ts";
import { policyErrors } from "./policy-errors.ts";
import type { Principal } from "./principal.ts";

/**
 * Lets a call pass or throws.
 *
 * @param caller name of the calling service, as {@link createCallerCheck} confirmed it
 * @throws KontorError UNAUTHENTICATED (TOKEN_MISSING) or PERMISSION_DENIED (SCOPE_MISSING, NOT_OWNER, CALLER_NOT_ALLOWED)
 */
export function authorise(
  { auth }: MethodPolicy,
  request: Message,
  principal: Principal | undefined,
  caller: string | undefined,
): void {
  switch (auth.kind) {
    case "public":
      return;
    case "internal":
      if (caller === undefined || !auth.callers.includes(caller))
        throw policyErrors.CALLER_NOT_ALLOWED({ caller: caller ?? "outsiders" });
      return;
    case "user": {
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
export function requireIdempotencyKey({ idempotency }: MethodPolicy, request: Message): void {
  if (!idempotency?.required || idempotency.field === "" || idempotency.key(request) !== "") return;
  throw invalid([
    {
      field: jsonPath(idempotency.field),
      description: "An idempotency key is required, here or as the Idempotency-Key header.",
    },
  ]);
}

/** Confirms a service's name by the token that came with it; undefined if it does not hold. */
export type CallerCheck = (name: string | undefined, token: string | undefined) => string | undefined;

/** Compares in constant time with the token all services share. An empty token trusts nobody. */
export function createCallerCheck(internalToken: string): CallerCheck {
  const expected = digest(internalToken);
  return (name, token) =>
    name && token && internalToken && timingSafeEqual(digest(token), expected) ? name : undefined;
}

const digest = (text: string) => createHash("sha256").update(text).digest();
