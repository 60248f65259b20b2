import { type FieldViolation, invalid } from "@kontor/errors";

/** Collects the violations of a request, to refuse it with all of them at once. */
export function createCheck() {
  const violations: FieldViolation[] = [];
  const that = (holds: boolean, otherwise: FieldViolation) => {
    if (!holds) violations.push(otherwise);
    return holds;
  };
  return {
    that,
    done(): void {
      if (violations.length > 0) throw invalid(violations, "users.shop");
    },
  };
}

export type Check = ReturnType<typeof createCheck>;
