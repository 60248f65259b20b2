import type { ServiceError } from "@grpc/grpc-js";
import { isKontorError, type KontorError } from "@kontor/errors";
import { rpcErrors } from "../rpc-errors.ts";
import { fromStatus } from "../status.ts";

/** What a failed call throws: why we cancelled it, if we did, else what the callee said. */
export function failure(error: ServiceError | Error | null, signal: AbortSignal | undefined): KontorError {
  if (signal?.aborted) return abortError(signal);
  // Without a status it is the reader's end of a stream that was closed, not the callee's.
  return error && "metadata" in error ? fromStatus(error) : rpcErrors.CANCELLED({ cause: error });
}

/** Why a call was cancelled on our side. */
export function abortError({ reason }: AbortSignal): KontorError {
  return isKontorError(reason) ? reason : rpcErrors.CANCELLED({ cause: reason });
}
