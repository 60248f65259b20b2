import { type DescMethod, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";

/** A request: its message, or its bytes. */
export type Request = Message | Uint8Array;

/** The encoding of a method. */
export interface Codec {
  readonly path: string;
  readonly serialize: (message: Request) => Buffer;
  readonly deserialize: (bytes: Buffer) => Message;
  /** Encodes a message as it goes over the wire: uncompressed, after its length. */
  readonly frame: (message: Request) => Buffer;
}

const codecs = new WeakMap<DescMethod, Codec>();

/** Returns the codec of a method, made on its first call. */
export function codecOf(method: DescMethod): Codec {
  let codec = codecs.get(method);
  if (codec === undefined) {
    codec = make(method);
    codecs.set(method, codec);
  }
  return codec;
}

function make({ parent, name, input, output }: DescMethod): Codec {
  const encoded = (request: Request) => (request instanceof Uint8Array ? request : toBinary(input, request));
  return {
    path: `/${parent.typeName}/${name}`,
    serialize(message) {
      const bytes = encoded(message);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    deserialize: (bytes) => fromBinary(output, bytes),
    frame(message) {
      const bytes = encoded(message);
      const framed = Buffer.allocUnsafe(5 + bytes.length);
      framed[0] = 0;
      framed.writeUInt32BE(bytes.length, 1);
      framed.set(bytes, 5);
      return framed;
    },
  };
}
