import { type FieldViolation, invalid } from "@kontor/errors";
import { checkText } from "@kontor/text";

/** A violation of a request, or false. */
export type Check = FieldViolation | false;

/** Throws INVALID_REQUEST with all violations. */
export function validate(...checks: readonly Check[]): void {
  const violations = checks.filter((check) => check !== false);
  if (violations.length > 0) throw invalid(violations, "catalog.shop");
}

/** Returns the violation unless the rule is satisfied. */
export function check(holds: boolean, otherwise: FieldViolation): Check {
  return !holds && otherwise;
}

/** Whether this can be the id of a product or a SKU. */
export function isId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}

/** A line with something visible in it. */
export function checkName(name: string, field: string, most: number): Check {
  return checkText(field, name, { min: 1, max: most });
}
