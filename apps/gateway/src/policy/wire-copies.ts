import { type DescField, type DescMessage, getOption, hasOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { wire_copy_of } from "@kontor/contracts/options/v1/options";

interface WireCopy {
  readonly field: DescField;
  readonly source: readonly string[];
}

const known = new WeakMap<DescMessage, readonly WireCopy[]>();

/** Returns whether fields of a request repeat others. */
export function hasWireCopies(desc: DescMessage): boolean {
  return copiesOf(desc).length > 0;
}

/** Fills the fields of a request that repeat others for upstreams of the previous version, by `wire_copy_of`. */
export function fillWireCopies(desc: DescMessage, message: Message): void {
  for (const { field, source } of copiesOf(desc)) {
    const value = valueAt(desc, message, source);
    if (value !== undefined) reflect(desc, message).set(field, value);
  }
}

function copiesOf(desc: DescMessage): readonly WireCopy[] {
  let found = known.get(desc);
  if (found === undefined) {
    const copies = desc.fields.filter((field) => hasOption(field, wire_copy_of));
    found = copies.map((field) => ({ field, source: getOption(field, wire_copy_of).split(".") }));
    known.set(desc, found);
  }
  return found;
}

function valueAt(desc: DescMessage, message: Message, [name, ...rest]: readonly string[]): unknown {
  const field = desc.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new TypeError(`wire_copy_of names "${name}", which ${desc.typeName} does not have`);
  if (!isFieldSet(message, field)) return undefined;
  const value = reflect(desc, message).get(field);
  if (rest.length === 0) return value;
  if (field.fieldKind !== "message") throw new TypeError(`wire_copy_of leads through ${field}, which is no message`);
  return valueAt(field.message, reflect(desc, message).get(field).message, rest);
}
