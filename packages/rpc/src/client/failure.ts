import type { ServiceError } from "@grpc/grpc-js";
import { isKontorError, type KontorError } from "@kontor/errors";
import { rpcErrors } from "../rpc-errors.ts";
import { fromStatus } from "../status.ts";

/** What a failed call throws: why we cancelled it, if we did, else what the callee said. */
export function failure(error: ServiceError | null, signal: AbortSignal | undefined): KontorError {
  if (signal?.aborted) return abortError(signal);
  return error ? fromStatus(error) : rpcErrors.INTERNAL({ requestId: "" });
}

/** Why a call was cancelled on our side. */
export function abortError({ reason }: AbortSignal): KontorError {
  return isKontorError(reason) ? reason : rpcErrors.CANCELLED({ cause: reason });
}
