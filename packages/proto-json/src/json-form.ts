import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { type EnumNames, shortNames } from "./enum-names.ts";

const ANY = "google.protobuf.Any";
const INTEGERS = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

/** The differences of the contracts' JSON from ProtoJSON. Each is evaluated once per field or enum. Default: none. */
export interface JsonRules {
  /**
   * Whether the 64-bit integers of a field, its elements or the values of its map are JSON numbers. Values beyond 2^53 are
   * refused, both ways: JavaScript would round them.
   */
  readonly isNumber?: (field: DescField) => boolean;
  /**
   * Whether the values of an enum are written without their prefix, in lower case. They are read in any case, with or
   * without the prefix. A zero value that ends in `_UNSPECIFIED` is left out.
   */
  readonly hasShortNames?: (desc: DescEnum) => boolean;
  /** Whether a field is on the wire only: JSON neither shows nor accepts it. */
  readonly isWireOnly?: (field: DescField) => boolean;
}

/** {@link JsonRules}, evaluated once for each field and enum. */
export class JsonForm {
  readonly #rules: JsonRules;
  readonly #numbers = new WeakMap<DescField, boolean>();
  readonly #hidden = new WeakMap<DescField, boolean>();
  readonly #names = new WeakMap<DescEnum, { readonly names: EnumNames | undefined }>();
  readonly #plain = new WeakMap<DescMessage, boolean>();

  constructor(rules: JsonRules = {}) {
    this.#rules = rules;
  }

  /** Whether 64-bit integers of the field are JSON numbers. */
  isNumber(field: DescField): boolean {
    return remembered(this.#numbers, field, () => this.#rules.isNumber?.(field) ?? false);
  }

  /** Whether JSON has no such field. */
  isWireOnly(field: DescField): boolean {
    return remembered(this.#hidden, field, () => this.#rules.isWireOnly?.(field) ?? false);
  }

  /** The short names of the enum, if it has any. */
  namesOf(desc: DescEnum): EnumNames | undefined {
    const make = () => ({ names: this.#rules.hasShortNames?.(desc) ? shortNames(desc) : undefined });
    return remembered(this.#names, desc, make).names;
  }

  /** Whether the JSON of the message, with all that it can contain, is ProtoJSON. `Any` may contain everything. */
  isPlain(desc: DescMessage): boolean {
    return remembered(this.#plain, desc, () => {
      if (Object.keys(this.#rules).length === 0) return true;
      return typesWithin(desc).every(
        (type) => type.typeName !== ANY && type.fields.every((field) => this.#isPlainField(field)),
      );
    });
  }

  /** Returns the rule that cannot be followed for a message, or undefined. */
  refusalOf(desc: DescMessage): string | undefined {
    const fields = typesWithin(desc).flatMap((type) => type.fields);
    const wrong = fields.find(
      (field) => this.isNumber(field) && (field.scalar === undefined || !INTEGERS.has(field.scalar)),
    );
    return wrong && `${wrong} is to be a JSON number, but it is not a 64-bit integer`;
  }

  #isPlainField(field: DescField): boolean {
    if (this.isWireOnly(field) || this.isNumber(field)) return false;
    return field.enum === undefined || this.namesOf(field.enum) === undefined;
  }
}

/** Returns the message and all that it can contain. */
function typesWithin(desc: DescMessage): readonly DescMessage[] {
  const types = new Set([desc]); // Also visits entries that are added meanwhile.
  for (const { fields } of types) for (const { message } of fields) if (message !== undefined) types.add(message);
  return [...types];
}

/** ProtoJSON itself. */
export const protoJson = new JsonForm();

/** Caches a value per message type and form. */
export class PerForm<T> {
  readonly #known = new WeakMap<JsonForm, WeakMap<DescMessage, T>>();

  of(form: JsonForm): WeakMap<DescMessage, T> {
    return remembered(this.#known, form, () => new WeakMap<DescMessage, T>());
  }
}

function remembered<K extends object, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  let found = known.get(key);
  if (found === undefined) {
    found = make();
    known.set(key, found);
  }
  return found;
}
