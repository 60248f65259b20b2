import { type FieldViolation, invalid } from "@kontor/errors";
import { checkText, type TextRule } from "@kontor/text";

/** Collects what is wrong with a request, to refuse it with all of that at once. */
export function createCheck() {
  const violations: FieldViolation[] = [];
  const that = (holds: boolean, otherwise: FieldViolation) => {
    if (!holds) violations.push(otherwise);
    return holds;
  };
  return {
    that,
    /** Checks a text that `readText` has read. */
    text(field: string, text: string, rule: TextRule): void {
      const found = checkText(field, text, rule);
      if (found) violations.push(found);
    },
    done(): void {
      if (violations.length > 0) throw invalid(violations, "users.kontor");
    },
  };
}

export type Check = ReturnType<typeof createCheck>;
