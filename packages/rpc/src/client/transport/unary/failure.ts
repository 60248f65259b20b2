import type { IncomingHttpHeaders } from "node:http2";
import { status as Status } from "@grpc/grpc-js";
import { CallFailure } from "../../call-failure.ts";
import { reported } from "../status-details.ts";

/** The most bytes of a response. */
export const LONGEST_MESSAGE = 16 * 1024 * 1024;

/** Returns the failure that a callee reported. `began` is true if a response had begun before. */
export function refused(code: number, trailers: IncomingHttpHeaders, began: boolean): CallFailure {
  return reported({
    code,
    message: decoded(one(trailers["grpc-message"]) ?? ""),
    details: one(trailers["grpc-status-details-bin"]),
    pushBack: one(trailers["grpc-retry-pushback-ms"]),
    began,
  });
}

/** Returns the failure of a call whose response is none of gRPC. */
export function nonsense(code: number, what: string, cause?: unknown): CallFailure {
  return new CallFailure(code, what, { transport: true, cause });
}

/** Returns the failure of a response that has a status, and no whole message. */
export function withoutMessage(isTruncated: boolean): CallFailure {
  if (isTruncated) return nonsense(Status.INTERNAL, "Received a truncated message");
  return nonsense(Status.UNIMPLEMENTED, "No message received");
}

/** Returns the failure of a call that no callee has begun to process. */
export function unsent(what: string, cause?: unknown): CallFailure {
  return new CallFailure(Status.UNAVAILABLE, what, { unsent: true, cause });
}

/** Returns the failure of a call whose connection ended before the response did. */
export function lost(what: string): CallFailure {
  return new CallFailure(Status.UNAVAILABLE, what);
}

/** Returns the failure of a call whose deadline passed before the response arrived. */
export function expired(): CallFailure {
  return new CallFailure(Status.DEADLINE_EXCEEDED, "Deadline exceeded.");
}

/** Returns the failure that a reset stream means, by the table of the gRPC over HTTP/2 protocol. */
export function reset(rstCode: number): CallFailure {
  const what = `Received RST_STREAM with code ${rstCode}`;
  if (rstCode === CANCEL) return lost(what); // The peer is going away.
  return nonsense(rstCode === ENHANCE_YOUR_CALM ? Status.RESOURCE_EXHAUSTED : Status.INTERNAL, what);
}

/** Returns the failure of a response without a gRPC status, by its HTTP status (http-grpc-status-mapping.md of gRPC). */
export function withoutStatus(head: IncomingHttpHeaders): CallFailure {
  const status = Number(head[":status"] ?? 200);
  if (status === 200) return nonsense(Status.UNKNOWN, "Missing gRPC status");
  return nonsense(statuses[status] ?? Status.UNKNOWN, `Received HTTP status code ${status} and no gRPC status`);
}

/** Returns the code of a `grpc-status`. */
export function codeIn(header: string | string[] | undefined): number | undefined {
  const text = one(header);
  if (text === undefined) return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : Status.UNKNOWN;
}

/** RFC 9113, section 7. */
export const REFUSED_STREAM = 7;
const CANCEL = 8;
const ENHANCE_YOUR_CALM = 11;

const statuses: Readonly<Record<number, number>> = {
  400: Status.INTERNAL,
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.UNIMPLEMENTED,
  429: Status.UNAVAILABLE,
  502: Status.UNAVAILABLE,
  503: Status.UNAVAILABLE,
  504: Status.UNAVAILABLE,
};

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** Decodes percent-encoded UTF-8. Malformed parts are returned unchanged. */
function decoded(message: string): string {
  return message.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString());
}
