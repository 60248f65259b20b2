import type { DescMessage } from "@bufbuild/protobuf";
import { isWellKnown } from "../fields.ts";
import { type JsonForm, PerForm, protoJson } from "../json-form.ts";
import { defaultJsonLimits, type JsonLimits } from "../strict-json.ts";
import { input, output, unusual } from "../wire/rooms.ts";
import { Source } from "../wire/source.ts";
import { type Gates, open } from "./gates.ts";
import { isReadable, type MessageReader, objectSource, type ReadMessage } from "./object-source.ts";
import { skipSpace } from "./read-values.ts";

/** How JSON is read. */
export interface WireOptions {
  /** The differences from ProtoJSON. Default: none. */
  readonly form?: JsonForm;
  /** The conditions of fields. It must return the same gates for the same type. Default: every value passes. */
  readonly gates?: Gates;
  /** How many keys the object must have. Default: any number. */
  readonly keys?: number;
  /** Bounds of the JSON. Default: {@link defaultJsonLimits}. */
  readonly limits?: JsonLimits;
}

/** The library reads longer JSON. A shorter one fits the buffer, which has this many times its length. */
const LONGEST = 128 * 1024;
const MOST_TIMES = 8;
/** Objects and lists in each other; JSON that is nested deeper is left to the library. */
const DEEPEST = 64;

const readers = new WeakMap<Gates, PerForm<MessageReader>>();

/**
 * Reads ProtoJSON to the wire format without creating an object: the same bytes as `toBinary` writes of the message that `JsonReader`
 * reads. The code is generated once for each type, when JSON of the type is first read.
 *
 * It supports the JSON that most clients send: fields under either name in any order, integers of up to 15 digits, enum values by name,
 * text without escapes by code. For all other JSON, valid or not, it returns undefined, and `JsonReader` decides: bytes in base64,
 * well-known types, values that are too large or too deep, and those that do not pass the gates.
 */
export function wireFromJson(desc: DescMessage, json: Uint8Array, options: WireOptions = {}): Uint8Array | undefined {
  const { form = protoJson, gates = open, keys, limits = defaultJsonLimits } = options;
  if (json.length > LONGEST || isWellKnown(desc)) return undefined;
  input.take(json);
  input.deepest = Math.min(DEEPEST, limits.maxDepth);
  input.mostValues = limits.maxValues - 1; // The whole is a value, too.
  const room = json.length * MOST_TIMES + 64;
  if (room > output.size) output.grow(0, room);
  try {
    const end = readerOf(desc, form, gates).read(skipSpace(0), 0);
    if (skipSpace(input.at) !== json.length || (keys ?? input.keys) !== input.keys) return undefined;
    return Buffer.from(output.bytes.subarray(0, end));
  } catch (error) {
    if (error === unusual) return undefined;
    throw error;
  } finally {
    output.shrink();
  }
}

/** Returns the reader of a message type. */
function readerOf(desc: DescMessage, form: JsonForm, gates: Gates): MessageReader {
  let perForm = readers.get(gates);
  if (perForm === undefined) {
    perForm = new PerForm<MessageReader>();
    readers.set(gates, perForm);
  }
  const known = perForm.of(form);
  let reader = known.get(desc);
  if (reader === undefined) {
    const made: MessageReader = {
      read(from, to) {
        made.read = compile(desc, form, gates);
        return made.read(from, to);
      },
    };
    reader = made;
    known.set(desc, reader);
  }
  return reader;
}

const refuse: ReadMessage = () => {
  throw unusual;
};

function compile(desc: DescMessage, form: JsonForm, gates: Gates): ReadMessage {
  if (!isReadable(desc)) return refuse;
  const source = new Source();
  const text = objectSource(desc, source, { form, gates, readerOf: (type) => readerOf(type, form, gates) });
  return source.compile<ReadMessage>(text) ?? refuse;
}
