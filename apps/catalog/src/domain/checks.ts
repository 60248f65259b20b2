import { type FieldViolation, invalid, violation } from "@kontor/errors";
import { checkText as readable } from "@kontor/text";

/** A violation of a request, or false. */
export type Check = FieldViolation | false;

/** Throws INVALID_REQUEST with all violations. */
export function validate(...checks: readonly Check[]): void {
  const violations = checks.filter((check) => check !== false);
  if (violations.length > 0) throw invalid(violations, "catalog.kontor");
}

/** Returns the violation unless the rule holds. */
export function check(holds: boolean, otherwise: FieldViolation): Check {
  return !holds && otherwise;
}

/** Whether this can be the id of a product or a SKU. */
export function isId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}

export function isCategoryId(id: string): boolean {
  return /^[a-z0-9-]{1,64}$/.test(id);
}

export function checkId(id: string, field: string): Check {
  return check(isId(id), violation(field, "WRONG_CHARACTERS", { min: 1, max: 64, allowed: "A-Z a-z 0-9 - _" }));
}

export function checkCategoryId(id: string, field: string): Check {
  return check(isCategoryId(id), violation(field, "WRONG_CHARACTERS", { min: 1, max: 64, allowed: "a-z 0-9 -" }));
}

/** A line with something visible in it. */
export function checkName(name: string, field: string, most = 200): Check {
  return readable(field, name, { min: 1, max: most });
}

/** A text of any number of lines. */
export function checkText(text: string, field: string, most: number): Check {
  return readable(field, text, { max: most, lines: true });
}
