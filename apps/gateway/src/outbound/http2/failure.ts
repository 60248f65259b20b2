import type { IncomingHttpHeaders } from "node:http2";
import { Status } from "@kontor/transcoder";
import { detailsIn } from "../status-error.ts";
import { pushBackOf, UpstreamError } from "../upstream-error.ts";

/** What an upstream ended a call with. `began` says that a response had begun before. */
export function refused(code: number, trailers: IncomingHttpHeaders, began: boolean): UpstreamError {
  const details = detailsIn(one(trailers["grpc-status-details-bin"]));
  const pushBackMs = pushBackOf(one(trailers["grpc-retry-pushback-ms"]), details);
  const text = decoded(one(trailers["grpc-message"]) ?? "");
  return new UpstreamError(code, text, { ...spoken, details, began, pushBackMs });
}

/** An answer that is no answer of gRPC. */
export function nonsense(code: number, what: string, cause?: unknown): UpstreamError {
  return new UpstreamError(code, what, { ...silent, transport: true, cause });
}

/** No connection, or one that ended before the answer. */
export function unavailable(what: string, cause?: unknown): UpstreamError {
  return new UpstreamError(Status.UNAVAILABLE, what, { ...silent, cause });
}

/** The deadline passed before the answer came. */
export function expired(): UpstreamError {
  return new UpstreamError(Status.DEADLINE_EXCEEDED, "Deadline exceeded.", silent);
}

/** What a reset stream means; the table is in the gRPC over HTTP/2 protocol. */
export function reset(rstCode: number): UpstreamError {
  const what = `Received RST_STREAM with code ${rstCode}`;
  if (rstCode === REFUSED_STREAM || rstCode === CANCEL) return unavailable(what); // The peer is going away.
  return nonsense(rstCode === ENHANCE_YOUR_CALM ? Status.RESOURCE_EXHAUSTED : Status.INTERNAL, what);
}

/** An answer without a gRPC status; what its HTTP status means is in gRPC's http-grpc-status-mapping.md. */
export function withoutStatus(head: IncomingHttpHeaders): UpstreamError {
  const status = Number(head[":status"] ?? 200);
  if (status === 200) return nonsense(Status.UNKNOWN, "Missing gRPC status");
  return nonsense(statuses[status] ?? Status.UNKNOWN, `Received HTTP status code ${status} and no gRPC status`);
}

/** The code of a `grpc-status`. */
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

const silent = {
  details: [],
  transport: false,
  answered: false,
  began: false,
  pushBackMs: undefined,
  cause: undefined,
};
const spoken = { ...silent, answered: true };

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
