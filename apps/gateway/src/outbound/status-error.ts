import { fromBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Metadata, ServiceError, StatusObject } from "@grpc/grpc-js";
import { StatusSchema } from "@kontor/contracts/google/rpc/status";
import type { KontorError } from "@kontor/errors";
import { toStatus } from "@kontor/rpc";
import { RpcError, Status } from "@kontor/transcoder";
import { pushBackOf, UpstreamError } from "./upstream-error.ts";

/** What the client library says by itself when an answer makes no sense. No upstream wrote it. */
const nonsense =
  /^(Received (RST_STREAM|HTTP|message larger)|Response message parsing|Unhandled|No message received|Too many responses|Missing)/i;

/** What the client library says by itself when the connection ends before the answer does. */
const cutOff = /^(Call cancelled|Connection dropped|.*ECONNRESET|.*Session closed with error code)/;

/**
 * A failed call as it is told to clients, with the details of `google.rpc.Status` as they came. `began` says that headers
 * of a response had come.
 */
export function rpcError(error: ServiceError | StatusObject, began = false): UpstreamError {
  const { metadata } = error;
  const details = detailsOf(metadata);
  // Trailers that an upstream wrote are never without an entry, those that the library makes up always are.
  const trailers = Object.keys(metadata?.getMap() ?? {}).length > 0;
  const cut = !trailers && cutOff.test(error.details);
  const transport = details.length === 0 && !cut && nonsense.test(error.details) && !(trailers && isRefusal(error));
  const answered = !transport && !cut && (began || trailers);
  // The peer reset the stream, for we did not, or ended the connection: it is going away.
  const isGone = cut || (!answered && !transport && error.code === Status.CANCELLED);
  const code = isGone ? Status.UNAVAILABLE : error.code;
  const [pushBack] = metadata?.get("grpc-retry-pushback-ms") ?? [];
  return new UpstreamError(code, error.details, {
    details,
    transport,
    answered,
    began: began && !cut, // A truncated unary response was never delivered.
    pushBackMs: pushBackOf(pushBack?.toString(), details),
    cause: error,
  });
}

/** Whether a server says that the request is too large. The library says the same of a response. */
function isRefusal({ code, details }: ServiceError | StatusObject): boolean {
  return code === Status.RESOURCE_EXHAUSTED && /^Received message larger/i.test(details);
}

/** A refusal of ours, told the same way as one by an upstream. */
export function fromKontorError(error: KontorError, headers: Readonly<Record<string, string>> = {}): RpcError {
  const { code, details, metadata } = toStatus(error);
  return new RpcError(code, details, { details: detailsOf(metadata), headers, cause: error });
}

function detailsOf(metadata: Metadata | undefined) {
  const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
  return bytes instanceof Uint8Array ? detailsIn(bytes) : [];
}

/** The details of a `google.rpc.Status`, as bytes or as the base64 of `grpc-status-details-bin`. */
export function detailsIn(bytes: Uint8Array | string | undefined): Any[] {
  if (bytes === undefined) return [];
  try {
    return fromBinary(StatusSchema, typeof bytes === "string" ? Buffer.from(bytes, "base64") : bytes).details;
  } catch {
    return []; // Not a google.rpc.Status: the code and the text still stand.
  }
}
