import { type FieldViolation, invalid } from "@kontor/errors";
import { type TextRule, textViolation } from "@kontor/text";

/** Collects what is wrong with a request, to refuse it with all of that at once. */
export function createCheck() {
  const violations: FieldViolation[] = [];
  const that = (holds: boolean, field: string, description: string) => {
    if (!holds) violations.push({ field, description });
    return holds;
  };
  return {
    that,
    /** Checks a text that `readText` has read. */
    text(field: string, text: string, rule: TextRule): void {
      const description = textViolation(text, rule);
      if (description !== undefined) violations.push({ field, description });
    },
    done(): void {
      if (violations.length > 0) throw invalid(violations, "users.kontor");
    },
  };
}

export type Check = ReturnType<typeof createCheck>;
