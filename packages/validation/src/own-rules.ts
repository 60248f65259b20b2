import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isReflectMessage, type Path, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { Ignore } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { violation } from "@kontor/errors";
import { ownRules, standardRules, typesIn } from "./declared.ts";
import type { Found } from "./found.ts";
import { itemLimits, type Limits, pairLimits, wrongCount } from "./limits.ts";
import { RuleError } from "./rule-error.ts";
import { textChecks } from "./text-rules.ts";
import { amountCheck, isTime, timeCheck } from "./value-rules.ts";

/** The violations of a message. */
export interface Findings {
  readonly found: Found[];
  /** Whether a list or a map is longer than `buf.validate` allows. Its items are not validated then. */
  oversized: boolean;
}

/** Adds the violations of a message by `kontor.rules`, and of lists and maps that are longer than `buf.validate` allows. */
export type OwnCheck = (message: ReflectMessage, at: Path, findings: Findings) => void;

type ValueCheck = (value: unknown, at: Path, findings: Findings) => void;

/** Returns a compiler of message types, which compiles each type once. It returns undefined for types without such rules. */
export function createOwnRules(): (type: DescMessage) => OwnCheck | undefined {
  const compiled = new Map<DescMessage, OwnCheck>();
  const checkOf = (type: DescMessage): OwnCheck | undefined => {
    if (![...typesIn(type)].some(({ fields }) => fields.some(isChecked))) return undefined;
    const known = compiled.get(type);
    if (known) return known;
    const checks: OwnCheck[] = [];
    const check: OwnCheck = (message, at, findings) => {
      for (const each of checks) each(message, at, findings);
    };
    compiled.set(type, check);
    for (const field of type.fields) {
      const each = fieldCheck(field, checkOf);
      if (each) checks.push(each);
    }
    return check;
  };
  return checkOf;
}

function isChecked(field: DescField): boolean {
  return ownRules(field) !== undefined || sizeOf(field) !== undefined || isTime(field.message);
}

function fieldCheck(field: DescField, checkOf: (type: DescMessage) => OwnCheck | undefined): OwnCheck | undefined {
  const ignore = standardRules(field)?.ignore;
  const value = valueCheck(field, checkOf);
  const size = sizeOf(field);
  const uniqueBy = uniqueField(field);
  if (ignore === Ignore.ALWAYS || !(value || size || uniqueBy)) return undefined;
  const skipsUnset = ignore === Ignore.IF_ZERO_VALUE || field.presence !== FeatureSet_FieldPresence.IMPLICIT;
  return (message, at, findings) => {
    if (skipsUnset && !message.isSet(field)) return;
    const path = [...at, field];
    if (field.fieldKind !== "list" && field.fieldKind !== "map") return value?.(message.get(field), path, findings);
    const items = message.get(field);
    if (size?.max !== undefined && items.size > size.max) {
      findings.oversized = true;
      findings.found.push({ path, violation: wrongCount(size) });
      return;
    }
    if (items.field().fieldKind === "map")
      for (const [key, item] of items.entries())
        value?.(item, [...path, { kind: "map_sub", key: String(key) }], findings);
    else
      for (const [index, item] of [...items].entries()) value?.(item, [...path, { kind: "list_sub", index }], findings);
    if (uniqueBy) findRepeated([...items], uniqueBy, path, findings);
  };
}

function valueCheck(field: DescField, checkOf: (type: DescMessage) => OwnCheck | undefined): ValueCheck | undefined {
  if (field.message) {
    const checks = [checkOf(field.message), amountCheck(field), timeCheck(field.message)];
    const present = checks.filter((check) => check !== undefined);
    if (present.length === 0) return undefined;
    return (value, at, findings) => {
      if (isReflectMessage(value)) for (const check of present) check(value, at, findings);
    };
  }
  const mayBeEmpty = itemsIgnore(field) === Ignore.IF_ZERO_VALUE;
  const checks = textChecks(field, mayBeEmpty);
  if (checks.length === 0) return undefined;
  return (value, path, { found }) => {
    if (typeof value !== "string") return;
    for (const check of checks) {
      const wrong = check(value);
      if (wrong) found.push({ path, violation: wrong });
    }
  };
}

/** Finds the items that have the value of an earlier one. */
function findRepeated(items: readonly unknown[], by: DescField, path: Path, { found }: Findings): void {
  const seen = new Set<unknown>();
  for (const [index, item] of items.entries()) {
    if (!isReflectMessage(item)) continue;
    const value = item.get(by);
    if (seen.has(value))
      found.push({ path: [...path, { kind: "list_sub", index }, by], violation: violation("", "DUPLICATE") });
    seen.add(value);
  }
}

/** Returns the field that `unique_by` names. @throws RuleError if the field is no list of messages with a text field of that name */
function uniqueField(field: DescField): DescField | undefined {
  const name = ownRules(field)?.uniqueBy ?? "";
  if (name === "") return undefined;
  const found = field.fieldKind === "list" ? field.message?.fields.find((one) => one.name === name) : undefined;
  if (found?.fieldKind === "scalar") return found;
  throw new RuleError(
    `${field.parent.typeName}.${field.name}: unique_by names ${name}, which no item has as a plain field.`,
  );
}

/** Returns how many items a list or a map may have; undefined if there is no largest number. */
function sizeOf(field: DescField): Limits | undefined {
  const type = standardRules(field)?.type;
  const limits =
    field.fieldKind === "list" && type?.case === "repeated"
      ? itemLimits(type.value)
      : field.fieldKind === "map" && type?.case === "map"
        ? pairLimits(type.value)
        : undefined;
  return limits?.max === undefined ? undefined : limits;
}

/** Returns which values a field exempts from its rules; of a list or a map, which items or values. */
function itemsIgnore(field: DescField): Ignore | undefined {
  const rules = standardRules(field);
  if (field.fieldKind === "list" && rules?.type.case === "repeated") return rules.type.value.items?.ignore;
  if (field.fieldKind === "map" && rules?.type.case === "map") return rules.type.value.values?.ignore;
  return field.fieldKind === "list" || field.fieldKind === "map" ? undefined : rules?.ignore;
}
