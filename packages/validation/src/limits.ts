import { isFieldSet } from "@bufbuild/protobuf";
import {
  type MapRules,
  MapRulesSchema,
  type RepeatedRules,
  RepeatedRulesSchema,
  type StringRules,
  StringRulesSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { type FieldViolation, violation } from "@kontor/errors";

/** The fewest and the most, both allowed; undefined where there is no limit. */
export interface Limits<N = number> {
  readonly min: N | undefined;
  readonly max: N | undefined;
}

/** Returns the limits of a text in characters. */
export function lengthLimits(rules: StringRules): Limits {
  const { minLen, maxLen } = StringRulesSchema.field;
  return {
    min: isFieldSet(rules, minLen) ? Number(rules.minLen) : undefined,
    max: isFieldSet(rules, maxLen) ? Number(rules.maxLen) : undefined,
  };
}

/** Returns the limits of a list in items. */
export function itemLimits(rules: RepeatedRules): Limits {
  const { minItems, maxItems } = RepeatedRulesSchema.field;
  return {
    min: isFieldSet(rules, minItems) ? Number(rules.minItems) : undefined,
    max: isFieldSet(rules, maxItems) ? Number(rules.maxItems) : undefined,
  };
}

/** Returns the limits of a map in entries. */
export function pairLimits(rules: MapRules): Limits {
  const { minPairs, maxPairs } = MapRulesSchema.field;
  return {
    min: isFieldSet(rules, minPairs) ? Number(rules.minPairs) : undefined,
    max: isFieldSet(rules, maxPairs) ? Number(rules.maxPairs) : undefined,
  };
}

/** Returns the violation of a text that is longer or shorter than its limits. */
export function wrongLength({ min, max }: Limits): FieldViolation {
  if (min !== undefined && max !== undefined) return violation("", "WRONG_LENGTH", { min, max });
  if (max !== undefined) return violation("", "TOO_LONG", { max });
  return min === 1 ? violation("", "REQUIRED") : violation("", "TOO_SHORT", { min: min ?? 0 });
}

/** Returns the violation of a list or a map with fewer or more items than its limits. */
export function wrongCount({ min, max }: Limits): FieldViolation {
  if (min !== undefined && max !== undefined) return violation("", "WRONG_COUNT", { min, max });
  if (max !== undefined) return violation("", "TOO_MANY", { max });
  return min === 1 ? violation("", "REQUIRED") : violation("", "TOO_FEW", { min: min ?? 0 });
}

/** Returns the violation of a number beyond its limits. */
export function outOfRange({ min, max }: Limits<number | bigint>): FieldViolation {
  if (min !== undefined && max !== undefined) return violation("", "OUT_OF_RANGE", { min, max });
  return max === undefined ? violation("", "TOO_SMALL", { min: min ?? 0 }) : violation("", "TOO_LARGE", { max });
}
