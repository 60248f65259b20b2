import { isKontorError, isTransient, type KontorError } from "@kontor/errors";
import type { Logger } from "@kontor/telemetry";
import { rpcErrors } from "../rpc-errors.ts";
import { NO_DOMAIN } from "../status.ts";
import type { Interceptor } from "./interceptor.ts";
import type { ServerCall } from "./server-call.ts";

/** Layer 6: an expected failure becomes the caller's answer; anything else is a bug, logged once and told as INTERNAL. */
export function errors(log: Logger): Interceptor {
  return (next, { fullName }) =>
    async (call) => {
      try {
        await next(call);
      } catch (thrown) {
        call.error ??=
          call.abandoned ?? answerTo(thrown, call, log.child({ rpc: fullName, requestId: call.requestId }));
      }
    };
}

function answerTo(thrown: unknown, call: ServerCall, log: Logger): KontorError {
  if (!isKontorError(thrown)) {
    log.error({ err: thrown }, "The handler threw something unexpected.");
    return rpcErrors.INTERNAL({ requestId: call.requestId });
  }
  const { code, reason, domain } = thrown;
  if (code === "INTERNAL" || code === "DATA_LOSS") log.error({ err: thrown }, "The call failed.");
  else log[isTransient(thrown) ? "info" : "debug"]({ code, reason, domain, err: thrown.cause }, thrown.message);
  const ofTransport = domain === NO_DOMAIN || domain === rpcErrors.DEPENDENCY_UNAVAILABLE.domain;
  return code === "UNAVAILABLE" && ofTransport ? dependencyUnavailable(thrown) : thrown;
}

/** The callee of ours that is away must not be taken for us, or our callers would stop calling us. */
function dependencyUnavailable({ retryAfterMs, cause }: KontorError): KontorError {
  return rpcErrors.DEPENDENCY_UNAVAILABLE({ cause, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}
