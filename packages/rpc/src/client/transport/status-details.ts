import { fromBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { status as Status } from "@grpc/grpc-js";
import { RetryInfoSchema } from "@kontor/contracts/google/rpc/error_details";
import { StatusSchema } from "@kontor/contracts/google/rpc/status";
import { CallFailure, firstOf } from "../call-failure.ts";

/** A status as a callee sent it. */
export interface SentStatus {
  readonly code: number;
  readonly message: string;
  /** `grpc-status-details-bin`: bytes, or base64. */
  readonly details: Uint8Array | string | undefined;
  /** `grpc-retry-pushback-ms`. */
  readonly pushBack: string | undefined;
  /** Whether a response had begun before the failure. */
  readonly began: boolean;
  readonly cause?: unknown;
}

/** Returns the failure that a callee reported. */
export function reported({ code, message, pushBack, began, cause, ...sent }: SentStatus): CallFailure {
  const details = detailsIn(sent.details);
  return new CallFailure(code, message, {
    details,
    answered: true,
    began,
    tooLarge: code === Status.RESOURCE_EXHAUSTED && details.length === 0 && TOO_LARGE.test(message),
    pushBackMs: pushBackOf(pushBack, details),
    cause,
  });
}

/**
 * The texts that servers send for a request over their limit: grpc-js, grpc-go and C++, or Java. The status alone may also mean an
 * exhausted quota.
 */
const TOO_LARGE = /message larger than max|message exceeds maximum size/i;

/**
 * Returns the value of `grpc-retry-pushback-ms` or, without it, of RetryInfo, in milliseconds. An unreadable value means never (gRFC A6).
 */
function pushBackOf(trailer: string | undefined, details: readonly Any[]): number | undefined {
  if (trailer !== undefined) return /^\d{1,9}$/.test(trailer) ? Number(trailer) : -1;
  const delay = firstOf(details, RetryInfoSchema)?.retryDelay;
  return delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6;
}

function detailsIn(bytes: Uint8Array | string | undefined): Any[] {
  if (bytes === undefined) return [];
  try {
    return fromBinary(StatusSchema, typeof bytes === "string" ? Buffer.from(bytes, "base64") : bytes).details;
  } catch {
    return []; // Not a google.rpc.Status: the code and the text remain valid.
  }
}
