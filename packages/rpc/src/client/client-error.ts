import { status as Status } from "@grpc/grpc-js";
import { isKontorError, type KontorError } from "@kontor/errors";
import { rpcErrors } from "../rpc-errors.ts";
import { fromDetails } from "../status.ts";
import { CallFailure } from "./call-failure.ts";

/**
 * Returns the KontorError that a caller of `service` receives: the callee's error, or the reason why the call was not made or was
 * cancelled.
 */
export function clientError(service: string, error: unknown): KontorError {
  if (isKontorError(error)) return error;
  if (!(error instanceof CallFailure)) return rpcErrors.CANCELLED({ cause: error });
  const { code, message, details, pushBackMs: retryAfterMs, local } = error;
  const facts = { cause: error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (local === "circuit-open") return rpcErrors.CIRCUIT_OPEN({ service }, facts);
  if (local === "unresponsive") return rpcErrors.CALLEE_UNRESPONSIVE({ service }, facts);
  return fromDetails({ code: local === undefined ? code : Status.UNAVAILABLE, message, details, cause: error });
}
