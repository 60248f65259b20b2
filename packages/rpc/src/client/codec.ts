import type { DescMessage, Message } from "@bufbuild/protobuf";
import { decode, encode } from "../wire.ts";

interface Method {
  readonly name: string;
  readonly input: DescMessage;
  readonly output: DescMessage;
  readonly parent: { readonly typeName: string };
}

/** How a method travels. */
export interface Codec {
  readonly path: string;
  readonly serialize: (message: Message) => Buffer;
  readonly deserialize: (bytes: Buffer) => Message;
}

const codecs = new WeakMap<object, Codec>();

/** The codec of a method, made once. */
export function codecOf(method: Method): Codec {
  const known = codecs.get(method);
  if (known) return known;
  const { input, output } = method;
  const made: Codec = {
    path: `/${method.parent.typeName}/${method.name}`,
    serialize: (message) => encode(input, message),
    deserialize: (bytes) => decode(output, bytes),
  };
  codecs.set(method, made);
  return made;
}
