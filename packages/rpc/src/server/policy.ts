import {
  authorise,
  createCallerCheck,
  type Principal,
  requireIdempotencyKey,
  type TokenVerifier,
} from "@kontor/policy";
import { HEADER } from "../headers.ts";
import type { Interceptor } from "./interceptor.ts";
import type { ServerCall } from "./server-call.ts";

/** How the server tells who calls. */
export interface ServerPolicy {
  readonly verifyToken: TokenVerifier;
  /** The secret that services share. Empty: no internal call is accepted. */
  readonly internalToken: string;
}

/** Layer 7: establishes who calls and holds it against the contract. */
export function policy({ verifyToken, internalToken }: ServerPolicy): Interceptor {
  const callerOf = createCallerCheck(internalToken);
  return (next, { policy }) => {
    if (!policy) return next;
    // Where no token is demanded a bad one is nobody's: signing in must work with an expired token in hand.
    const principalOf = policy.auth.kind === "user" ? verifyToken : lenient(verifyToken);
    return async (call) => {
      const token = bearer(call);
      if (token) call.principal = await principalOf(token);
      call.caller = callerOf(call.get(HEADER.caller), call.get(HEADER.callerToken));
      authorise(policy, call.message, call.principal, call.caller);
      requireIdempotencyKey(policy, call.message);
      await next(call);
    };
  };
}

function bearer(call: ServerCall): string | undefined {
  return /^bearer +(\S+)$/i.exec(call.get(HEADER.authorization) ?? "")?.[1];
}

function lenient(verify: TokenVerifier): (token: string) => Promise<Principal | undefined> {
  return (token) => verify(token).catch(() => undefined);
}
