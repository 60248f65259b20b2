import { type DescMethod, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";

/** A method as the client library wants it. */
export interface Codec {
  readonly path: string;
  readonly serialize: (message: Message) => Buffer;
  readonly deserialize: (bytes: Buffer) => Message;
}

const codecs = new WeakMap<DescMethod, Codec>();

/** The codec of a method, made on its first call. */
export function codecOf(method: DescMethod): Codec {
  const codec = codecs.get(method) ?? make(method);
  codecs.set(method, codec);
  return codec;
}

function make({ parent, name, input, output }: DescMethod): Codec {
  return {
    path: `/${parent.typeName}/${name}`,
    serialize(message) {
      const bytes = toBinary(input, message);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    deserialize: (bytes) => fromBinary(output, bytes),
  };
}
