import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import {
  FieldRulesSchema,
  type FieldRules as StandardRules,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { matches } from "./pattern.ts";

/** Returns whether a value surely satisfies rules. */
export type Passes = (value: string | number) => boolean;

/** Marks rules without a gate. */
export const UNTOLD = Symbol("untold");
export type Untold = typeof UNTOLD;

type RulesType = StandardRules["type"];

/** The rules of numbers that have a gate. A range whose lower end is above its upper one is another rule. */
const BOUNDS = new Set(["const", "lt", "lte", "gt", "gte", "in", "notIn", "finite", "example"]);
const OF_TEXT = new Set(["const", "minLen", "maxLen", "len", "pattern", "in", "notIn", "example"]);
const OF_ENUM = new Set(["const", "definedOnly", "in", "notIn", "example"]);
const NUMBERS: ReadonlySet<string | undefined> = new Set([
  ...["int32", "sint32", "sfixed32", "uint32", "fixed32", "int64", "sint64", "sfixed64", "uint64", "fixed64"],
  ...["float", "double"],
]);

/** Returns the names of the rules that are set; undefined if a contract adds rules of its own. */
export function setRulesOf(desc: DescMessage, rules: Message): Set<string> | undefined {
  if (rules.$unknown !== undefined && rules.$unknown.length > 0) return undefined;
  const reflected = reflect(desc, rules);
  return new Set(reflected.fields.filter((field) => reflected.isSet(field)).map(({ localName }) => localName));
}

/** Returns the names of the rules of a type that are set; undefined if a contract adds rules of its own. */
export function setRules(name: string, rules: Message): Set<string> | undefined {
  const desc = FieldRulesSchema.fields.find(({ localName }) => localName === name)?.message;
  return desc && setRulesOf(desc, rules);
}

/** Returns the check of a type of values by its rules. */
export function passesOf(field: DescField, type: RulesType): Passes | Untold {
  if (type.case === undefined) return UNTOLD;
  const set = setRules(type.case, type.value);
  if (set === undefined) return UNTOLD;
  if (type.case === "string") return set.isSubsetOf(OF_TEXT) ? passesText(type.value, set) : UNTOLD;
  if (type.case === "enum") return set.isSubsetOf(OF_ENUM) ? passesEnum(field, type.value, set) : UNTOLD;
  if (!NUMBERS.has(type.case) || !set.isSubsetOf(BOUNDS)) return UNTOLD;
  return passesNumber(type.value as unknown as NumberRules, set);
}

type TextRules = Extract<RulesType, { case: "string" }>["value"];

function passesText(rules: TextRules, set: ReadonlySet<string>): Passes {
  const { pattern, in: allowed, notIn } = rules;
  const min = set.has("len") ? Number(rules.len) : set.has("minLen") ? Number(rules.minLen) : 0;
  const max = set.has("len") ? Number(rules.len) : set.has("maxLen") ? Number(rules.maxLen) : Number.POSITIVE_INFINITY;
  const tests: ((text: string) => boolean)[] = [];
  if (min > 0 || max < Number.POSITIVE_INFINITY)
    tests.push((text) => {
      const length = characters(text);
      return length >= min && length <= max;
    });
  if (set.has("minLen") && set.has("len")) tests.push((text) => characters(text) >= Number(rules.minLen));
  if (set.has("maxLen") && set.has("len")) tests.push((text) => characters(text) <= Number(rules.maxLen));
  if (set.has("pattern")) tests.push((text) => matches(pattern, text));
  if (set.has("const")) tests.push((text) => text === rules.const);
  if (set.has("in")) tests.push((text) => allowed.includes(text));
  if (set.has("notIn")) tests.push((text) => !notIn.includes(text));
  return (text) => typeof text === "string" && tests.every((test) => test(text));
}

/** Returns the length of a text in code points. */
function characters(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0xdc00 || code > 0xdfff) count++; // Counts the first half of a pair only.
  }
  return count;
}

/** The rules of a type of numbers. */
interface NumberRules {
  readonly const: number | bigint;
  readonly in: readonly (number | bigint)[];
  readonly notIn: readonly (number | bigint)[];
  readonly greaterThan: { readonly value?: number | bigint; readonly case: "gt" | "gte" | undefined };
  readonly lessThan: { readonly value?: number | bigint; readonly case: "lt" | "lte" | undefined };
}

function passesNumber(rules: NumberRules, set: ReadonlySet<string>): Passes | Untold {
  const { greaterThan, lessThan } = rules;
  const min = Number(greaterThan.value ?? Number.NEGATIVE_INFINITY);
  const max = Number(lessThan.value ?? Number.POSITIVE_INFINITY);
  if (min >= max) return UNTOLD;
  const [allowed, excluded] = [rules.in.map(Number), rules.notIn.map(Number)];
  const expected = set.has("const") ? Number(rules.const) : undefined;
  const isOpenBelow = greaterThan.case === "gt";
  const isOpenAbove = lessThan.case === "lt";
  return (value) => {
    if (typeof value !== "number" || value < min || value > max) return false;
    if ((isOpenBelow && value === min) || (isOpenAbove && value === max)) return false;
    if (expected !== undefined && value !== expected) return false;
    return (allowed.length === 0 || allowed.includes(value)) && !excluded.includes(value);
  };
}

type EnumRules = Extract<RulesType, { case: "enum" }>["value"];

/** Returns the check of an enum by its rules. Values are read by name, so all but that of an unset field are defined. */
function passesEnum({ enum: desc }: DescField, rules: EnumRules, set: ReadonlySet<string>): Passes {
  const defined = new Set(desc?.values.map(({ number }) => number));
  return (value) => {
    if (typeof value !== "number" || !defined.has(value)) return false;
    if (set.has("const") && value !== rules.const) return false;
    return (rules.in.length === 0 || rules.in.includes(value)) && !rules.notIn.includes(value);
  };
}
