import { type DescEnum, type DescField, getOption, hasOption, type Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Violation } from "@bufbuild/protovalidate";
import {
  type BytesRules,
  FieldRulesSchema,
  type MapRules,
  type RepeatedRules,
  type StringRules,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { short_names } from "@kontor/contracts/options/v1/options";
import { type FieldViolation, VIOLATIONS, violation } from "@kontor/errors";
import { standardRules } from "./declared.ts";
import { itemLimits, lengthLimits, outOfRange, pairLimits, wrongCount, wrongLength } from "./limits.ts";
import { charactersOf } from "./pattern.ts";

type Make<R> = (rules: R, field: DescField) => FieldViolation | undefined;
type Shared = { readonly in?: readonly unknown[]; readonly notIn?: readonly unknown[]; readonly const?: unknown };

const patternOf: Make<StringRules> = ({ pattern, example: [example] }) => {
  const characters = charactersOf(pattern);
  if (characters) return violation("", "WRONG_CHARACTERS", { ...characters });
  if (example !== undefined) return violation("", "WRONG_FORMAT", { example });
  return violation("", "WRONG_PATTERN", { pattern });
};

const valueOfEnum: Make<{ readonly in: readonly number[] }> = ({ in: numbers }, { enum: desc }) =>
  desc && violation("", "NOT_IN", { values: namesOf(desc, numbers.length > 0 ? numbers : undefined) });

const kind = (expected: string) => () => violation("", "WRONG_TYPE", { expected });

/** The violations of the rules of `buf.validate`. Those that all types share, and those of numbers, are below. */
const codes = {
  "string.len": ({ len }: StringRules) => wrongLength({ min: Number(len), max: Number(len) }),
  "string.min_len": (rules: StringRules) => wrongLength(lengthLimits(rules)),
  "string.max_len": (rules: StringRules) => wrongLength(lengthLimits(rules)),
  "string.min_bytes": ({ minBytes }: StringRules) => violation("", "TOO_FEW_BYTES", { min: minBytes }),
  "string.max_bytes": ({ maxBytes }: StringRules) => violation("", "TOO_MANY_BYTES", { max: maxBytes }),
  "string.pattern": patternOf,
  "string.email": () => violation("", "NOT_AN_EMAIL"),
  "string.uuid": kind("UUID"),
  "string.tuuid": kind("UUID"),
  "string.ulid": kind("ULID"),
  "string.hostname": kind("hostname"),
  "string.address": kind("hostname, IP"),
  "string.ip": kind("IP"),
  "string.ipv4": kind("IPv4"),
  "string.ipv6": kind("IPv6"),
  "string.uri": kind("URI"),
  "string.uri_ref": kind("URI"),
  "string.host_and_port": kind("host:port"),
  "bytes.min_len": ({ minLen }: BytesRules) => violation("", "TOO_FEW_BYTES", { min: minLen }),
  "bytes.max_len": ({ maxLen }: BytesRules) => violation("", "TOO_MANY_BYTES", { max: maxLen }),
  "repeated.min_items": (rules: RepeatedRules) => wrongCount(itemLimits(rules)),
  "repeated.max_items": (rules: RepeatedRules) => wrongCount(itemLimits(rules)),
  "repeated.unique": () => violation("", "DUPLICATE"),
  "map.min_pairs": (rules: MapRules) => wrongCount(pairLimits(rules)),
  "map.max_pairs": (rules: MapRules) => wrongCount(pairLimits(rules)),
  "enum.defined_only": valueOfEnum,
  "enum.in": valueOfEnum,
};

/** The codes of the catalogue that need no params. A rule in CEL may be named after one. */
const plainCodes: ReadonlySet<string> = new Set(
  VIOLATIONS.filter(({ params }) => params.length === 0).map(({ code }) => code),
);

/**
 * Returns the violation of a rule: a code of the catalogue with the params of the rule. A rule that the catalogue does not
 * know has a code after its id, and its own text.
 */
export function violationOf(found: Violation): FieldViolation {
  const field = found.field.findLast((step) => step.kind === "field");
  const rules = field && rulesAt(field, found.rule);
  return (rules && ofRules(found.ruleId, rules, field)) ?? ofId(found);
}

function ofRules(ruleId: string, rules: Message, field: DescField): FieldViolation | undefined {
  const id = ruleId.replace(/_empty$/, "");
  const make = (codes as unknown as Readonly<Record<string, Make<Message> | undefined>>)[id];
  if (make) return make(rules, field);
  const { in: values = [], notIn = [], const: expected } = rules as Shared;
  switch (id.split(".")[1]) {
    case "in":
      return values.every(isPlain) ? violation("", "NOT_IN", { values: values.map(String) }) : undefined;
    case "not_in":
      if (!notIn.every(isPlain)) return undefined;
      return String(notIn) === "0" ? violation("", "ZERO") : violation("", "EXCLUDED", { values: notIn.map(String) });
    case "const":
      return isPlain(expected) ? violation("", "MISMATCH", { expected }) : undefined;
    default:
      return numberViolation(id, rules);
  }
}

/** Returns the violation of `required`, or of a rule in CEL. */
function ofId({ ruleId, field, message }: Violation): FieldViolation {
  const last = field.at(-1);
  if (ruleId === "required" && last?.kind === "oneof")
    return violation("", "ONE_REQUIRED", { fields: last.fields.map(({ jsonName }) => jsonName) });
  const code = /^[\w.-]+$/.test(ruleId) ? ruleId.toUpperCase().replaceAll(/[.-]/g, "_") : "RULE";
  if (plainCodes.has(code)) return violation("", code as "REQUIRED");
  return { field: "", code, params: {}, description: message };
}

/** Returns the rules that the last step of a path belongs to, such as those of a string. */
function rulesAt(field: DescField, path: Violation["rule"]): Message | undefined {
  const declared = standardRules(field);
  if (declared === undefined || path.length < 2) return undefined;
  let rules: ReflectMessage = reflect(FieldRulesSchema, declared);
  for (const step of path.slice(0, -1)) {
    if (step.kind !== "field" || step.fieldKind !== "message") return undefined;
    rules = rules.get(step);
  }
  return rules.message;
}

function isPlain(value: unknown): value is string | number | bigint | boolean {
  return ["string", "number", "boolean", "bigint"].includes(typeof value);
}

/** Returns the names of an enum's values as JSON has them, without UNSPECIFIED. */
function namesOf(desc: DescEnum, numbers?: readonly number[]): readonly string[] {
  const isShort = hasOption(desc, short_names) && getOption(desc, short_names);
  return desc.values
    .filter(({ name, number }) => numbers?.includes(number) ?? !(number === 0 && name.endsWith("UNSPECIFIED")))
    .map(({ name, localName }) => (isShort ? localName.toLowerCase() : name));
}

type Bound = { readonly case?: string; readonly value?: unknown };
const INTEGER = /^[su]?(?:int|fixed)(?:32|64)\./;
const RANGE = /\.(?:lt|lte|gt|gte|gt_lt|gte_lt|gt_lte|gte_lte)$/;

/**
 * Returns the violation of the bounds of a number. Undefined for other rules, for fractions whose bound does not belong to the range,
 * and for ranges that are excluded.
 */
function numberViolation(ruleId: string, rules: Message): FieldViolation | undefined {
  if (!RANGE.test(ruleId)) return undefined;
  const { greaterThan, lessThan } = rules as { readonly greaterThan?: Bound; readonly lessThan?: Bound };
  if (!INTEGER.test(ruleId) && (greaterThan?.case === "gt" || lessThan?.case === "lt")) return undefined;
  const min = inclusive(greaterThan, 1);
  const max = inclusive(lessThan, -1);
  return min === undefined && max === undefined ? undefined : outOfRange({ min, max });
}

function inclusive(bound: Bound | undefined, step: number): number | bigint | undefined {
  const { case: rule, value } = bound ?? {};
  if (typeof value !== "number" && typeof value !== "bigint") return undefined;
  if (rule === "gte" || rule === "lte") return value;
  return typeof value === "bigint" ? value + BigInt(step) : value + step;
}
