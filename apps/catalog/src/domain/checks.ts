import { type FieldViolation, invalid } from "@kontor/errors";
import { lengthOf } from "@kontor/text";

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

export function checkName(name: string, field: string, most = 200): Check {
  return check(name.trim() !== "" && isText(name, most), field, `Must be 1 to ${most} characters.`);
}

export function checkText(text: string, field: string, most: number): Check {
  return check(isText(text, most), field, `Must be at most ${most} characters.`);
}

/** PostgreSQL keeps any text without U+0000. */
function isText(text: string, most: number): boolean {
  return lengthOf(text) <= most && !text.includes("\0");
}
