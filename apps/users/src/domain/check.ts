import { type FieldViolation, invalid } from "@kontor/errors";
import { lengthOf } from "@kontor/text";

/** Collects what is wrong with a request, to refuse it with all of that at once. */
export function createCheck() {
  const violations: FieldViolation[] = [];
  const that = (holds: boolean, field: string, description: string) => {
    if (!holds) violations.push({ field, description });
    return holds;
  };
  return {
    that,
    /** A line of text of at most `max` characters. */
    text(field: string, value: string, { max, required = false }: { max: number; required?: boolean }): void {
      that(!required || value.trim() !== "", field, "Is required.");
      that(lengthOf(value) <= max, field, `Has more than ${max} characters.`);
      that(!/\p{Cc}/u.test(value), field, "Contains control characters.");
    },
    done(): void {
      if (violations.length > 0) throw invalid(violations, "users.kontor");
    },
  };
}

export type Check = ReturnType<typeof createCheck>;
