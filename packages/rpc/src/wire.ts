import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";

/** Encodes a message, or the init of one, without copying the bytes. */
export function encode(schema: DescMessage, message: object): Buffer {
  const bytes = toBinary(schema, create(schema, message as Message));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Decodes a message. Its `bytes` fields share memory with the buffer. */
export function decode(schema: DescMessage, bytes: Buffer): Message {
  return fromBinary(schema, bytes);
}

/** The (de)serialiser for grpc-js where this package handles the bytes. */
export const untouched = (bytes: Buffer): Buffer => bytes;
