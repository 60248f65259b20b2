import { type DescField, type DescMessage, hasOption, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import {
  message as bufMessage,
  oneof as bufOneof,
  FieldRulesSchema,
  Ignore,
  type FieldRules as StandardRules,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { ownRules, standardRules, typesIn } from "./declared.ts";
import { itemLimits, pairLimits } from "./limits.ts";
import { textChecks } from "./text-rules.ts";
import { type Passes, passesOf, setRules, setRulesOf, UNTOLD, type Untold } from "./value-gates.ts";

/** A sufficient check of a field's rules. A value that does not pass may still satisfy them. */
export interface Gate {
  /** Returns whether a text, a number or the number of an enum value passes, or each item of a list or value of a map. */
  readonly value?: Passes;
  /** The fewest and the most items of a list or a map. */
  readonly items?: { readonly min: number; readonly max: number };
  /** Whether a message without the field passes. */
  readonly optional: boolean;
}

/** Returns the gate of a field; undefined for a field that has no rules. */
export type Gates = (field: DescField) => Gate | undefined;

const known = new WeakMap<DescField, Gate | undefined | Untold>();

/**
 * Returns the gates of a message type and all types in it. A message whose fields pass satisfies all rules, so that it need not be validated.
 * Returns undefined for types with rules that concern more than one field, are in CEL, or have no gate.
 */
export function gatesOf(type: DescMessage): Gates | undefined {
  for (const each of typesIn(type)) {
    if (isOfLibrary(each)) continue;
    if (hasOption(each, bufMessage) || each.oneofs.some((oneof) => hasOption(oneof, bufOneof))) return undefined;
    if (each.fields.some((field) => find(field) === UNTOLD)) return undefined;
  }
  return gateOf;
}

const gateOf: Gates = (field) => {
  const found = isOfLibrary(field.parent) ? undefined : find(field);
  return found === UNTOLD ? undefined : found;
};

/** Readers of JSON leave messages of the library to it, and values in them with all their rules. */
function isOfLibrary({ file }: DescMessage): boolean {
  return file.proto.package === "google.protobuf";
}

function find(field: DescField): Gate | undefined | Untold {
  if (!known.has(field)) known.set(field, make(field));
  return known.get(field);
}

function make(field: DescField): Gate | undefined | Untold {
  const rules = standardRules(field);
  const own = ownRules(field);
  if (rules?.ignore === Ignore.ALWAYS || (rules === undefined && own === undefined)) return undefined;
  if (own?.amount !== undefined || (own?.uniqueBy ?? "") !== "") return UNTOLD;
  if (rules !== undefined && !hasOnly(rules, ["required", "ignore"])) return UNTOLD;
  const isRequired = rules?.required === true;
  if (field.message !== undefined && isOfLibrary(field.message) && field.fieldKind === "message")
    return { optional: !isRequired };
  if (field.fieldKind === "list" || field.fieldKind === "map") return ofMany(field, rules, isRequired);
  return ofOne(field, rules, isRequired);
}

function ofMany(field: DescField, rules: StandardRules | undefined, isRequired: boolean): Gate | Untold {
  const type = rules?.type;
  const isList = field.fieldKind === "list";
  let limits: ReturnType<typeof itemLimits> | undefined;
  let inner: StandardRules | undefined;
  if (type?.case === "repeated" && isList) {
    if (setRules("repeated", type.value)?.isSubsetOf(new Set(["minItems", "maxItems", "items"])) !== true)
      return UNTOLD;
    limits = itemLimits(type.value);
    inner = type.value.items;
  } else if (type?.case === "map" && !isList) {
    if (setRules("map", type.value)?.isSubsetOf(new Set(["minPairs", "maxPairs", "values"])) !== true) return UNTOLD;
    limits = pairLimits(type.value);
    inner = type.value.values;
  } else if (type?.case !== undefined) return UNTOLD;
  if (inner !== undefined && !hasOnly(inner, ["ignore"])) return UNTOLD;
  const value = passesOfValue(field, inner);
  if (value === UNTOLD) return UNTOLD;
  const min = Math.max(limits?.min ?? 0, isRequired ? 1 : 0);
  const optional = min === 0 || (rules?.ignore === Ignore.IF_ZERO_VALUE && !isRequired);
  return { ...(value && { value }), items: { min, max: limits?.max ?? Number.MAX_SAFE_INTEGER }, optional };
}

function ofOne(field: DescField, rules: StandardRules | undefined, isRequired: boolean): Gate | Untold {
  const passes = passesOfValue(field, rules);
  if (passes === UNTOLD) return UNTOLD;
  if (field.presence !== FeatureSet_FieldPresence.IMPLICIT)
    return { ...(passes && { value: passes }), optional: !isRequired };
  const zero = field.scalar === ScalarType.STRING ? "" : 0;
  if (isRequired)
    return { value: (value) => value !== zero && (passes === undefined || passes(value)), optional: false };
  if (passes === undefined) return { optional: true };
  if (rules?.ignore === Ignore.IF_ZERO_VALUE)
    return { value: (value) => value === zero || passes(value), optional: true };
  return { value: passes, optional: passes(zero) };
}

/** Returns the check of a field's values by both kinds of rules. */
function passesOfValue(field: DescField, rules: StandardRules | undefined): Passes | undefined | Untold {
  const standard = rules?.type.case === undefined ? undefined : passesOf(field, rules.type);
  if (standard === UNTOLD) return UNTOLD;
  const checks = textChecks(field, false);
  if (checks.length === 0) return standard;
  return (value) =>
    typeof value === "string" &&
    (standard === undefined || standard(value)) &&
    checks.every((check) => check(value) === false);
}

/** Returns whether a field has no rules but these and those of its type. */
function hasOnly(rules: StandardRules, names: readonly string[]): boolean {
  const set = setRulesOf(FieldRulesSchema, rules);
  return set?.isSubsetOf(new Set([...names, rules.type.case ?? ""])) === true;
}
