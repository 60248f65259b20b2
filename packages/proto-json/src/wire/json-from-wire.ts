import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isWellKnown, isWrapper } from "../fields.ts";
import { type JsonForm, PerForm, protoJson } from "../json-form.ts";
import { type MessageWriter, messageSource, type WriteMessage, wrapperSource } from "./message-source.ts";
import { input, output, unusual } from "./rooms.ts";
import { Source } from "./source.ts";
import { LONGEST_TIME, writeDuration, writeTimestamp } from "./write-times.ts";

const writers = new PerForm<MessageWriter>();

/**
 * Writes a message in the wire format as ProtoJSON with default values, without creating an object: the same text, byte for byte, as
 * `JSON.stringify(toJson(…, { alwaysEmitImplicit: true }))` of the library makes. The code is generated once for each type, when a message
 * of the type is first written.
 *
 * It supports the bytes that encoders write: fields in the order of their numbers, singular ones once, as the contract has them. For all
 * other bytes it returns undefined, and the library decides: unknown fields, extensions, groups, `Any`, `Struct` and `FieldMask` among
 * them.
 *
 * @param only returns the value of this field alone, and undefined if it is absent or not the only one of its message.
 * @param form the differences from ProtoJSON.
 */
export function jsonFromWire(
  desc: DescMessage,
  bytes: Uint8Array,
  only?: DescField,
  form: JsonForm = protoJson,
): string | undefined {
  if (only !== undefined && (desc.fields.length > 1 || isWellKnown(desc))) return undefined;
  input.take(bytes);
  output.isAscii = true;
  try {
    const end = writerOf(desc, form).write(0, bytes.length, 0);
    if (only === undefined) return textOf(0, end);
    const key = `{${JSON.stringify(only.jsonName)}:`.length;
    return end <= key ? undefined : textOf(key, end - 1);
  } catch (error) {
    if (error === unusual) return undefined;
    throw error;
  } finally {
    input.shrink();
    output.shrink();
  }
}

function textOf(from: number, to: number): string {
  return output.bytes.toString(output.isAscii ? "latin1" : "utf8", from, to);
}

/** Returns the writer of a message type. */
function writerOf(desc: DescMessage, form: JsonForm): MessageWriter {
  const known = writers.of(form);
  let writer = known.get(desc);
  if (writer === undefined) {
    const made: MessageWriter = {
      write(from, end, to) {
        made.write = compile(desc, form);
        return made.write(from, end, to);
      },
    };
    writer = made;
    known.set(desc, writer);
  }
  return writer;
}

/** A name that JavaScript would put first, or that takes more than one byte for a character. */
const oddName = /^\d+$|[^ -~]/;

const refuse: WriteMessage = () => {
  throw unusual;
};

function compile(desc: DescMessage, form: JsonForm): WriteMessage {
  const source = new Source();
  if (isWrapper(desc)) return source.compile(wrapperSource(desc, source)) ?? refuse;
  if (isWellKnown(desc)) return timeWriter(desc) ?? refuse;
  const names = desc.fields.map((field) => field.jsonName);
  const odd = new Set(names).size < names.length || names.some((name) => oddName.test(name));
  if (odd || desc.oneofs.length > 31) return refuse;
  return source.compile(messageSource(desc, form, source, (type) => writerOf(type, form))) ?? refuse;
}

function timeWriter({ name }: DescMessage): WriteMessage | undefined {
  const write = name === "Timestamp" ? writeTimestamp : name === "Duration" ? writeDuration : undefined;
  if (write === undefined) return undefined;
  return (from, end, to) => {
    if (to + LONGEST_TIME > output.size) output.grow(to, LONGEST_TIME);
    return write(from, end, to);
  };
}
