import { isKontorError, isTransient, type KontorError } from "@kontor/errors";
import type { Logger } from "@kontor/telemetry";
import { rpcErrors } from "../rpc-errors.ts";
import { NO_DOMAIN } from "../status.ts";
import type { Interceptor } from "./interceptor.ts";
import type { ServerCall } from "./server-call.ts";

/** Layer 6: sends an expected failure to the caller; logs any other error once, as a bug, and sends INTERNAL. */
export function errors(log: Logger): Interceptor {
  return (next, { fullName }) =>
    async (call) => {
      try {
        await next(call);
      } catch (thrown) {
        call.error ??=
          call.abandoned ?? responseTo(thrown, call, log.child({ rpc: fullName, requestId: call.requestId }));
      }
    };
}

function responseTo(thrown: unknown, call: ServerCall, log: Logger): KontorError {
  if (!isKontorError(thrown)) {
    log.error({ err: thrown }, "handler failed by a bug");
    return rpcErrors.INTERNAL({ requestId: call.requestId });
  }
  const { code, reason, domain } = thrown;
  if (code === "INTERNAL" || code === "DATA_LOSS") log.error({ err: thrown }, "call failed");
  else log[isTransient(thrown) ? "info" : "debug"]({ code, reason, domain, err: thrown.cause }, thrown.message);
  const ofTransport = domain === NO_DOMAIN || domain === rpcErrors.DEPENDENCY_UNAVAILABLE.domain;
  return code === "UNAVAILABLE" && ofTransport ? dependencyUnavailable(thrown) : thrown;
}

/**
 * Marks the failure of a callee as such. Otherwise callers of this server would count it as this server's failure and open their circuit.
 */
function dependencyUnavailable({ retryAfterMs, cause }: KontorError): KontorError {
  return rpcErrors.DEPENDENCY_UNAVAILABLE({ cause, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}
