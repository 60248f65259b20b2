import type { Message } from "@bufbuild/protobuf";
import type { FieldViolation } from "@kontor/errors";
import { outOfRange } from "./limits.ts";

type Bound = { readonly case?: string; readonly value?: unknown };
const INTEGER = /^[su]?(?:int|fixed)(?:32|64)\./;
const RANGE = /\.(?:lt|lte|gt|gte|gt_lt|gte_lt|gt_lte|gte_lte)$/;

/**
 * Returns the violation of the bounds of a number. Undefined for other rules, for fractions whose bound does not belong to the range,
 * and for ranges that are excluded.
 */
export function numberViolation(ruleId: string, rules: Message): FieldViolation | undefined {
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
