import { isKontorError } from "@kontor/errors";
import {
  authorise,
  type CallerVerifier,
  type Principal,
  policyErrors,
  requireIdempotencyKey,
  type TokenVerifier,
} from "@kontor/policy";
import { counter } from "@kontor/telemetry";
import { HEADER } from "../headers.ts";
import { LONGEST_TIMER } from "./deadline.ts";
import type { Interceptor, Step } from "./interceptor.ts";
import type { ServerCall } from "./server-call.ts";

/** How the server identifies its callers. */
export interface ServerPolicy {
  /** Verifies the access token of the user. */
  readonly verifyToken: TokenVerifier;
  /** Verifies the calling service, for RPCs that name their callers. */
  readonly verifyCaller: CallerVerifier;
}

/** Layer 7: identifies the caller and checks its rights by the contract. */
export function policy({ verifyToken, verifyCaller }: ServerPolicy): Interceptor {
  return (next, { policy, desc, streams }) => {
    if (!policy) return next;
    // Where no token is demanded an invalid one is ignored: signing in must work with an expired token in hand.
    const principalOf = policy.auth.kind === "user" ? verifyToken : lenient(verifyToken);
    const callee = desc.parent.typeName;
    const permit: Step =
      policy.auth.kind === "internal"
        ? countingRefusals(callee, async (call) => {
            call.caller = await verifyCaller(proofOf(call), callee);
            authorise(policy, call.message, call.principal, call.caller);
          })
        : async (call) => authorise(policy, call.message, call.principal, undefined);
    return async (call) => {
      const token = bearer(call);
      if (token) call.principal = await principalOf(token);
      await permit(call);
      requireIdempotencyKey(policy, call.message);
      if (!streams || policy.auth.kind !== "user" || call.principal === undefined) return next(call);
      using _ = endWithToken(call, call.principal);
      await next(call);
    };
  };
}

/** Ends a stream when its token expires: rights do not outlive it. */
function endWithToken(call: ServerCall, { expiresAt }: Principal): Disposable {
  const left = expiresAt.getTime() - Date.now();
  const timer = left > LONGEST_TIMER ? undefined : setTimeout(() => call.abort(policyErrors.TOKEN_EXPIRED()), left);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

function proofOf(call: ServerCall) {
  return {
    token: call.get(HEADER.serviceToken),
    sharedName: call.get(HEADER.caller),
    sharedToken: call.get(HEADER.callerToken),
  };
}

function countingRefusals(service: string, permit: Step): Step {
  const refusals = counter(
    "kontor_rpc_server_callers_refused_total",
    "Internal calls refused because of their caller.",
    ["service", "reason"],
  );
  return async (call) => {
    try {
      await permit(call);
    } catch (error) {
      const ours = isKontorError(error) && error.domain === policyErrors.CALLER_NOT_ALLOWED.domain;
      if (ours) refusals.inc({ service, reason: error.reason });
      throw error;
    }
  };
}

function bearer(call: ServerCall): string | undefined {
  return /^bearer +(\S+)$/i.exec(call.get(HEADER.authorization) ?? "")?.[1];
}

function lenient(verify: TokenVerifier): (token: string) => Promise<Principal | undefined> {
  return (token) => verify(token).catch(() => undefined);
}
