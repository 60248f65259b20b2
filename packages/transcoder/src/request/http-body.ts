import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type HttpBody, HttpBodySchema } from "../gen/google/api/httpbody_pb.ts";
import { Status } from "../problems/code.ts";
import { RpcError } from "../problems/rpc-error.ts";
import { parseMediaType } from "./media-type.ts";

/** Bytes and their content type. */
export interface Bytes {
  readonly contentType: string;
  readonly data: Uint8Array;
}

/** Whether the message is a `google.api.HttpBody`, of whichever descriptor set. */
export function isHttpBody(desc: DescMessage): boolean {
  return desc.typeName === HttpBodySchema.typeName;
}

/** Wraps bytes. */
export function httpBody(desc: DescMessage, bytes: Bytes): ReflectMessage {
  return reflect(desc, create(desc, { ...bytes }));
}

/**
 * Unwraps bytes. Without a content type they are `application/octet-stream`.
 *
 * @throws RpcError when an upstream sent a content type that is not one media type (RFC 9110, section 8.3)
 */
export function bytesOf(message: Message): Bytes {
  const { contentType, data } = message as HttpBody;
  if (contentType === "") return { contentType: "application/octet-stream", data };
  const isHeader = contentType.length <= 256 && /^[\x20-\x7e]*$/.test(contentType);
  if (!isHeader || parseMediaType(contentType) === undefined)
    throw new RpcError(Status.INTERNAL, "The content type of the response is no media type.", { transport: true });
  return { contentType, data };
}
