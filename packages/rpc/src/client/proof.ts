import { isKontorError } from "@kontor/errors";
import { type CallerIdentity, NO_CALLER, policyErrors } from "@kontor/policy";
import { gauge } from "@kontor/telemetry";
import { HEADER } from "../headers.ts";
import { rpcErrors } from "../rpc-errors.ts";

/** Proves the caller's identity to one callee. Only RPCs that name their callers receive a proof. */
export interface Proof {
  /** Returns the metadata that proves the caller's name, to the callee by its present name or by the former one. */
  metadata(callee?: string): Record<string, string>;
  /**
   * Makes a call with that metadata. A refused credential is renewed once.
   *
   * @throws KontorError CREDENTIAL_REFUSED when the callee refuses the renewed one too: the caller of this process is not at fault
   */
  attempt<T>(make: (metadata: Record<string, string>) => Promise<T>): Promise<T>;
}

/** Makes the proof of a caller to the gRPC service `callee`, which may have had a `former` name. */
export function createProof(identity: CallerIdentity, callee: string, former?: string): Proof {
  const refused = gauge(
    "kontor_rpc_client_credential_refused",
    "1 while a callee refuses the credential of this process, 0 once it accepts it.",
    ["service"],
  ).labels({ service: callee });
  let isRefused = false;
  const show = (next: boolean) => {
    if (next !== isRefused) refused.set(next ? 1 : 0);
    isRefused = next;
  };
  const metadata = (by = callee) => {
    const entries: Record<string, string> = {};
    const token = identity.tokenFor(by);
    if (token !== undefined) entries[HEADER.serviceToken] = token;
    if (identity.sharesAccount) entries[HEADER.caller] = identity.service;
    if (identity.sharedToken !== undefined) {
      entries[HEADER.caller] = identity.service;
      entries[HEADER.callerToken] = identity.sharedToken;
    }
    return entries;
  };

  return {
    metadata,
    async attempt(make) {
      try {
        const result = await make(metadata()).catch((error) => {
          if (!isRefusal(error)) throw error;
          identity.renew(callee);
          if (former !== undefined) identity.renew(former);
          return make(metadata());
        });
        show(false);
        return result;
      } catch (cause) {
        if (isKeyless(cause)) show(true);
        if (!isRefusal(cause)) throw cause;
        show(true);
        throw rpcErrors.CREDENTIAL_REFUSED({ service: callee }, { cause });
      }
    },
  };
}

const REFUSALS: ReadonlySet<string> = new Set([
  policyErrors.SERVICE_TOKEN_INVALID.reason,
  policyErrors.SERVICE_TOKEN_EXPIRED.reason,
]);

/** Whether the callee has no keys to verify anyone with: it may get them, so the call is retried as any other that is unavailable. */
function isKeyless(error: unknown): boolean {
  const { domain, reason } = policyErrors.KEYS_UNAVAILABLE;
  return isKontorError(error) && error.domain === domain && error.reason === reason;
}

/** Whether the callee rejected the proof. A known caller without the right to call is a fault of the code. */
function isRefusal(error: unknown): boolean {
  if (!isKontorError(error) || error.domain !== policyErrors.CALLER_NOT_ALLOWED.domain) return false;
  if (error.reason === policyErrors.CALLER_NOT_ALLOWED.reason) return error.metadata.caller === NO_CALLER;
  return REFUSALS.has(error.reason);
}
