import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { status as Status } from "@grpc/grpc-js";
import { LONGEST_MESSAGE, nonsense } from "./failure.ts";

/** The encodings that the client can decode: the value of `grpc-accept-encoding`. */
export const ACCEPTED_ENCODINGS = "identity,gzip,deflate";

const decoders = { gzip: promisify(gunzip), deflate: promisify(inflate) };

/**
 * Decodes a compressed message of at most `limit` bytes. `encoding` is the `grpc-encoding` of the response or the request.
 *
 * @throws CallFailure when the encoding is none of {@link ACCEPTED_ENCODINGS}, the bytes are broken, or the message gets too long
 */
export async function decompress(bytes: Uint8Array, encoding: string, limit = LONGEST_MESSAGE): Promise<Buffer> {
  if (encoding === "identity") throw nonsense(Status.INTERNAL, "Received a compressed message without an encoding");
  if (!Object.hasOwn(decoders, encoding))
    throw nonsense(Status.UNIMPLEMENTED, `Received a message in the encoding "${encoding}"`);
  try {
    return await decoders[encoding as keyof typeof decoders](bytes, { maxOutputLength: limit });
  } catch (cause) {
    const isTooLong = cause instanceof RangeError;
    if (isTooLong) throw nonsense(Status.RESOURCE_EXHAUSTED, "Received message larger than max", cause);
    throw nonsense(Status.INTERNAL, `Received a message that is not valid ${encoding}`, cause);
  }
}
