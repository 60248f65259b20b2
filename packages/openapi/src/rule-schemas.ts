import { type DescField, isFieldSet, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import {
  type FieldRules,
  Ignore,
  MapRulesSchema,
  RepeatedRulesSchema,
  type StringRules,
  StringRulesSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { Format, type FieldRules as OwnRules } from "@kontor/contracts/rules/v1/rules";
import { isCurrency } from "@kontor/money";
import { isCountry } from "@kontor/text";
import { ownRules, standardRules } from "@kontor/validation";
import { jsonSchemaPattern } from "./patterns.ts";
import type { Schema } from "./schema.ts";

/** The rules of a field in a contract. */
export interface Ruled {
  /** Keywords for the value, or for the list or map itself. */
  readonly field: Schema;
  /** Keywords for each item of a list or value of a map. */
  readonly item: Schema;
  /** Whether requests must set the field. */
  readonly required: boolean;
  /** Rules that JSON Schema has no keyword for, as sentences. */
  readonly notes: readonly string[];
}

/** Returns the codes of `letters` capital letters that a rule accepts. */
function codes(length: number, accepts: (code: string) => boolean): string[] {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  let found = [""];
  for (let i = 0; i < length; i++) found = found.flatMap((start) => letters.map((letter) => start + letter));
  return found.filter(accepts);
}

const formats: Readonly<Partial<Record<Format, Schema>>> = {
  [Format.COUNTRY]: { enum: codes(2, isCountry) },
  [Format.CURRENCY]: { enum: codes(3, isCurrency) },
  [Format.MAIL_ADDRESS]: { format: "email" },
  [Format.LANGUAGE]: { maxLength: 35 },
  [Format.IDEMPOTENCY_KEY]: { pattern: "^[!-~](?:[ -~]{0,253}[!-~])?$" },
  [Format.WEB_ADDRESS]: { format: "uri", maxLength: 2_000 },
};

/** Returns the keywords of a field's schema that follow from its rules by `buf.validate` and `kontor.rules`. */
export function ruled(field: DescField): Ruled {
  const notes: string[] = [];
  const standard = standardRules(field);
  const own = ownRules(field);
  if (standard?.ignore === Ignore.ALWAYS) return { field: {}, item: {}, required: false, notes };
  for (const { message } of standard?.cel ?? []) if (message) notes.push(message);
  const isMany = field.fieldKind === "list" || field.fieldKind === "map";
  const ownSchema = ownKeywords(own, notes);
  const { size, inner } = manyKeywords(standard);
  if (own?.uniqueBy) notes.push(`No two items have the same ${own.uniqueBy}.`);
  const declared = isMany ? size : { ...keywords(standard, notes), ...ownSchema };
  const isExempt = field.scalar === ScalarType.STRING && standard?.ignore === Ignore.IF_ZERO_VALUE;
  const value = isExempt ? orEmpty(declared) : declared;
  // An absent field without presence has its zero value, which the rules apply to as well.
  const isValidated = field.presence === FeatureSet_FieldPresence.IMPLICIT && standard?.ignore !== Ignore.IF_ZERO_VALUE;
  const required = (standard?.required ?? false) || (isValidated && excludesZero(value));
  if (!isMany) return { field: value, item: {}, required, notes };
  return { field: size, item: { ...keywords(inner, notes), ...ownSchema }, required, notes };
}

/** Returns the keywords of a text that may also be empty. */
function orEmpty({ minLength, pattern, format, enum: allowed, ...rest }: Schema): Schema {
  const inner = typeof pattern === "string" ? /^\^(.*)\$$/s.exec(pattern)?.[1] : undefined;
  return {
    ...rest,
    ...(inner !== undefined && { pattern: `^(?:${inner})?$` }),
    ...(Array.isArray(allowed) && { enum: ["", ...allowed] }),
  };
}

function excludesZero(schema: Schema): boolean {
  const { minItems, minProperties, minLength, minimum, exclusiveMinimum, pattern, format } = schema;
  if ([minItems, minProperties, minLength, minimum].some((least) => Number(least ?? 0) > 0)) return true;
  if (Number(exclusiveMinimum ?? -1) >= 0 || format !== undefined) return true;
  return typeof pattern === "string" && !new RegExp(pattern, "u").test("");
}

function ownKeywords(own: OwnRules | undefined, notes: string[]): Schema {
  if (own === undefined) return {};
  if (own.noCardNumber) notes.push("It contains no card number.");
  const { text, format, amount } = own;
  const minor = amount && {
    ...(amount.min !== undefined && { minimum: Number(amount.min) }),
    ...(amount.max !== undefined && { maximum: Number(amount.max) }),
  };
  return {
    ...(text && { pattern: text.lines ? "^(?:[\\t\\n\\r]|[^\\p{Cc}])*$" : "^[^\\p{Cc}]*$" }),
    ...(text && text.minLength > 0 && { minLength: text.minLength }),
    ...(text && text.maxLength > 0 && { maxLength: text.maxLength }),
    ...formats[format],
    ...(minor && Object.keys(minor).length > 0 && { properties: { minor } }),
  };
}

function manyKeywords(rules: FieldRules | undefined): { size: Schema; inner: FieldRules | undefined } {
  const type = rules?.type;
  if (type?.case === "repeated") {
    const { minItems, maxItems } = RepeatedRulesSchema.field;
    const size = {
      ...(isFieldSet(type.value, minItems) && { minItems: Number(type.value.minItems) }),
      ...(isFieldSet(type.value, maxItems) && { maxItems: Number(type.value.maxItems) }),
      ...(type.value.unique && { uniqueItems: true }),
    };
    return { size, inner: type.value.items };
  }
  if (type?.case === "map") {
    const { minPairs, maxPairs } = MapRulesSchema.field;
    const size = {
      ...(isFieldSet(type.value, minPairs) && { minProperties: Number(type.value.minPairs) }),
      ...(isFieldSet(type.value, maxPairs) && { maxProperties: Number(type.value.maxPairs) }),
    };
    return { size, inner: type.value.values };
  }
  return { size: {}, inner: undefined };
}

function keywords(rules: FieldRules | undefined, notes: string[]): Schema {
  const type = rules?.type;
  switch (type?.case) {
    case "string":
      return stringKeywords(type.value, notes);
    case "int32":
    case "uint32":
    case "sint32":
    case "int64":
    case "uint64":
    case "sint64":
    case "float":
    case "double":
      return numberKeywords(type.value);
    default:
      return {};
  }
}

function stringKeywords(rules: StringRules, notes: string[]): Schema {
  const { minLen, maxLen, len } = StringRulesSchema.field;
  const pattern = rules.pattern === "" ? undefined : jsonSchemaPattern(rules.pattern);
  if (rules.pattern !== "" && pattern === undefined) notes.push(`It matches \`${rules.pattern}\` of RE2.`);
  const format = { email: "email", uuid: "uuid", uri: "uri", hostname: "hostname", ipv4: "ipv4", ipv6: "ipv6" };
  const { case: known } = rules.wellKnown;
  return {
    ...(isFieldSet(rules, len) && { minLength: Number(rules.len), maxLength: Number(rules.len) }),
    ...(isFieldSet(rules, minLen) && { minLength: Number(rules.minLen) }),
    ...(isFieldSet(rules, maxLen) && { maxLength: Number(rules.maxLen) }),
    ...(pattern !== undefined && { pattern }),
    ...(rules.in.length > 0 && { enum: rules.in }),
    ...(known !== undefined && known in format && { format: format[known as keyof typeof format] }),
  };
}

interface NumberRules {
  readonly greaterThan: { readonly case?: string | undefined; readonly value?: number | bigint | undefined };
  readonly lessThan: { readonly case?: string | undefined; readonly value?: number | bigint | undefined };
  readonly in: readonly (number | bigint)[];
}

/** Returns limits of numbers. 64-bit integers that are strings in JSON ignore them. */
function numberKeywords({ greaterThan, lessThan, in: allowed }: NumberRules): Schema {
  const lower = { gte: "minimum", gt: "exclusiveMinimum" }[greaterThan.case ?? ""];
  const upper = { lte: "maximum", lt: "exclusiveMaximum" }[lessThan.case ?? ""];
  return {
    ...(lower && { [lower]: Number(greaterThan.value) }),
    ...(upper && { [upper]: Number(lessThan.value) }),
    ...(allowed.length > 0 && allowed.every((one) => typeof one === "number") && { enum: allowed }),
  };
}
