import { type FieldViolation, invalid } from "@kontor/errors";
import { textViolation } from "@kontor/text";

/** What is wrong with a request, or false. */
export type Check = FieldViolation | false;

/** Throws INVALID_REQUEST with all that is wrong. */
export function demand(...checks: readonly Check[]): void {
  const violations = checks.filter((check) => check !== false);
  if (violations.length > 0) throw invalid(violations, "catalog.kontor");
}

export function check(holds: boolean, field: string, description: string): Check {
  return !holds && { field, description };
}

/** Whether this can be the id of a product or a SKU. */
export function isId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}

export function isCategoryId(id: string): boolean {
  return /^[a-z0-9-]{1,64}$/.test(id);
}

export function checkId(id: string, field: string): Check {
  return check(isId(id), field, "Must be 1 to 64 of A-Z a-z 0-9 - _.");
}

export function checkCategoryId(id: string, field: string): Check {
  return check(isCategoryId(id), field, "Must be 1 to 64 of a-z 0-9 -.");
}

/** A line with something visible in it. */
export function checkName(name: string, field: string, most = 200): Check {
  const description = textViolation(name, { min: 1, max: most });
  return description !== undefined && { field, description };
}

/** A text of any number of lines. */
export function checkText(text: string, field: string, most: number): Check {
  const description = textViolation(text, { max: most, lines: true });
  return description !== undefined && { field, description };
}
