import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isWellKnown } from "../fields.ts";
import { type JsonForm, protoJson } from "../json-form.ts";
import { JsonWriter } from "./json-writer.ts";
import { beginAtTop, messagePlan } from "./message-plan.ts";
import { unusual, WireCursor } from "./wire-cursor.ts";

const from = new WireCursor();
const to = new JsonWriter();
const nothing = new Uint8Array(0);

/**
 * Writes a message in the wire format as ProtoJSON with default values, without making an object of it: the same text, byte
 * for byte, as `JSON.stringify(toJson(…, { alwaysEmitImplicit: true }))` of the library makes.
 *
 * It takes what encoders write: fields in the order of their numbers, singular ones once, as the contract has them. For
 * everything else, and what is wrong, it answers undefined, and the library is the one to ask: unknown fields, extensions,
 * groups, `Any`, `Struct` and `FieldMask` among them.
 *
 * @param only a field whose value is wanted alone: undefined when it is not there, or not the only one of its message.
 * @param form where the JSON differs from ProtoJSON.
 */
export function jsonFromWire(
  desc: DescMessage,
  bytes: Uint8Array,
  only?: DescField,
  form: JsonForm = protoJson,
): string | undefined {
  if (only !== undefined && (desc.fields.length > 1 || isWellKnown(desc))) return undefined;
  from.reset(bytes);
  to.reset();
  beginAtTop();
  try {
    messagePlan(desc, form)(from, bytes.length, to);
    if (only === undefined) return to.text(0, 0);
    const key = `{${JSON.stringify(only.jsonName)}:`.length;
    return to.at <= key ? undefined : to.text(key, 1);
  } catch (error) {
    if (error === unusual) return undefined;
    throw error;
  } finally {
    from.reset(nothing);
  }
}
