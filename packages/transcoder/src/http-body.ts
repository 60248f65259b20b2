import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type HttpBody, HttpBodySchema } from "./gen/google/api/httpbody_pb.ts";

/** Bytes and what they are. */
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

/** Unwraps bytes. A content type that is not a legal header value becomes `application/octet-stream`. */
export function bytesOf(message: Message): Bytes {
  const { contentType, data } = message as HttpBody;
  return {
    contentType: /^[\x21-\x7e][\x20-\x7e]{0,255}$/.test(contentType) ? contentType : "application/octet-stream",
    data,
  };
}
