import { type DescField, type DescMessage, getOption, hasOption, type Message } from "@bufbuild/protobuf";
import {
  field as bufField,
  message as bufMessage,
  oneof as bufOneof,
  type FieldRules as StandardRules,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { type FieldRules, file_kontor_rules_v1_rules, field as kontorField } from "@kontor/contracts/rules/v1/rules";
import { matches } from "./pattern.ts";
import { RuleError } from "./rule-error.ts";

/** Returns the rules of `buf.validate` that a field declares, or undefined. */
export function standardRules(field: DescField): StandardRules | undefined {
  return hasOption(field, bufField) ? getOption(field, bufField) : undefined;
}

/**
 * Returns the rules of `kontor.rules` that a field declares, or undefined. A contract that does not import their file may mean something
 * else by the number of the option.
 */
export function ownRules(field: DescField): FieldRules | undefined {
  const isKnown = field.parent.file.dependencies.some(({ name }) => name === file_kontor_rules_v1_rules.name);
  return isKnown && hasOption(field, kontorField) ? getOption(field, kontorField) : undefined;
}

/** Returns a message type and all types that it can contain. */
export function typesIn(type: DescMessage, found = new Set<DescMessage>()): ReadonlySet<DescMessage> {
  if (found.has(type)) return found;
  found.add(type);
  for (const { message } of type.fields) if (message) typesIn(message, found);
  return found;
}

/** Returns whether the type itself has rules. */
export function hasRules(type: DescMessage): boolean {
  return (
    hasOption(type, bufMessage) ||
    type.oneofs.some((oneof) => hasOption(oneof, bufOneof)) ||
    type.fields.some((field) => standardRules(field) !== undefined || ownRules(field) !== undefined)
  );
}

/** Returns the rules of a field with those of its items, keys and values. */
function* rulesWithin(rules: StandardRules | undefined): Generator<StandardRules> {
  if (rules === undefined) return;
  yield rules;
  const { type } = rules;
  if (type.case === "repeated") yield* rulesWithin(type.value.items);
  if (type.case === "map") for (const inner of [type.value.keys, type.value.values]) yield* rulesWithin(inner);
}

/**
 * Refuses rules that this version does not know, which it would not apply, and patterns that are not valid.
 *
 * @throws RuleError that names the field
 */
export function requireKnown(type: DescMessage): void {
  if (hasOption(type, bufMessage)) requireNothingUnknown(type.typeName, getOption(type, bufMessage));
  for (const oneof of type.oneofs)
    if (hasOption(oneof, bufOneof)) requireNothingUnknown(`${type.typeName}.${oneof.name}`, getOption(oneof, bufOneof));
  for (const field of type.fields) {
    const at = `${type.typeName}.${field.name}`;
    const own = ownRules(field);
    for (const rules of [own, own?.text, own?.amount]) requireNothingUnknown(at, rules);
    for (const rules of rulesWithin(standardRules(field))) {
      requireNothingUnknown(at, rules);
      if (rules.type.case === "string" || rules.type.case === "bytes") requirePattern(at, rules.type.value.pattern);
    }
  }
}

function requireNothingUnknown(at: string, rules: Message | undefined): void {
  const [unknown] = rules?.$unknown ?? [];
  if (unknown) throw new RuleError(`${at}: the rule with the number ${unknown.no} is not known. Update Kontor.`);
}

function requirePattern(at: string, pattern: string): void {
  try {
    matches(pattern, "");
  } catch (cause) {
    throw new RuleError(`${at}: ${pattern} is no pattern of RE2.`, { cause });
  }
}
