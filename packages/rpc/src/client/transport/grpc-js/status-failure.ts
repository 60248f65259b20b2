import { type Metadata, type ServiceError, status as Status, type StatusObject } from "@grpc/grpc-js";
import { CallFailure } from "../../call-failure.ts";
import { reported } from "../status-details.ts";
import { type OwnText, ownText } from "./own-texts.ts";

/** Returns the failure that a status of grpc-js means. `began` is true if the headers of a response had arrived. */
export function failureOf(error: ServiceError | StatusObject, began = false): CallFailure {
  const { code, details: message, metadata } = error;
  // Trailers that a server wrote always have an entry, those that the library creates never do.
  const trailers = Object.keys(metadata?.getMap() ?? {}).length > 0;
  const own = ownText(message);
  const bin = metadata?.get("grpc-status-details-bin")[0];
  const isServers = trailers
    ? bin !== undefined || own !== "nonsense" || isRefusal(error)
    : began && (own === undefined || own === "unsent");
  if (isServers) {
    const pushBack = metadata?.get("grpc-retry-pushback-ms")[0]?.toString();
    return reported({ code, message, details: bytesOf(bin), pushBack, began, cause: error });
  }
  return ofLibrary(error, own, began);
}

function ofLibrary(error: ServiceError | StatusObject, own: OwnText | undefined, began: boolean): CallFailure {
  const { code, details: message } = error;
  const isNonsense = own === "nonsense";
  // The peer reset the stream, for the client did not, or ended the connection: it is going away.
  const isGone = own === "cut" || (!isNonsense && code === Status.CANCELLED);
  return new CallFailure(isGone ? Status.UNAVAILABLE : code, message, {
    transport: isNonsense,
    unsent: own === "unsent" && !began,
    began: began && own !== "cut", // A truncated unary response was never delivered.
    cause: error,
  });
}

/** Returns whether a server reports that the request is too large. The library reports a response that is with the same text. */
function isRefusal({ code, details }: ServiceError | StatusObject): boolean {
  return code === Status.RESOURCE_EXHAUSTED && /^Received message larger/i.test(details);
}

function bytesOf(value: ReturnType<Metadata["get"]>[number] | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}
