import { type DescMethod, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type Answer, jsonOfAnswer, type Route } from "@kontor/transcoder";

/** A method as the clients want it. */
export interface Codec {
  readonly path: string;
  readonly serialize: (message: Message) => Buffer;
  readonly deserialize: (bytes: Buffer) => Message;
  /** The message as it goes over the wire: uncompressed, with its length in front. */
  readonly frame: (message: Message) => Buffer;
  /** Makes an answer of the bytes of a message: as JSON, if it is all that the route shows. @throws Error when they are none */
  readonly answer: (bytes: Buffer, headers?: Readonly<Record<string, string>>, route?: Route) => Answer;
}

const codecs = new WeakMap<DescMethod, Codec>();

/** The codec of a method, made on its first call. */
export function codecOf(method: DescMethod): Codec {
  let codec = codecs.get(method);
  if (codec === undefined) {
    codec = make(method);
    codecs.set(method, codec);
  }
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
    frame(message) {
      const bytes = toBinary(input, message);
      const framed = Buffer.allocUnsafe(5 + bytes.length);
      framed[0] = 0;
      framed.writeUInt32BE(bytes.length, 1);
      framed.set(bytes, 5);
      return framed;
    },
    answer(bytes, headers, route) {
      const json = route && jsonOfAnswer(route, bytes);
      if (json === undefined) return { message: fromBinary(output, bytes), ...(headers && { headers }) };
      return {
        json,
        wire: bytes,
        ...(headers && { headers }),
        get message() {
          return fromBinary(output, bytes);
        },
      };
    },
  };
}
