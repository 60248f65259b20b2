import { defineErrors } from "@kontor/errors";

/** What the edge refuses because of limits and keys. */
export const edgeErrors = defineErrors("gateway.kontor", {
  RATE_LIMITED: {
    code: "RESOURCE_EXHAUSTED",
    message: ({ class: name }: { class: string }) => `There were too many requests of the class ${name}.`,
  },
  RATE_LIMIT_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: ({ class: name }: { class: string }) =>
      `Requests of the class ${name} cannot be counted now, and uncounted ones are refused.`,
  },
  PRECONDITION_FAILED: {
    code: "FAILED_PRECONDITION",
    message: ({ header }: { header: string }) =>
      `The condition in ${header} does not hold or cannot be checked here, so nothing was done.`,
  },
  IDEMPOTENCY_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: "Idempotency keys cannot be kept now, so the request was not carried out.",
  },
  IDEMPOTENCY_ANSWER_LOST: {
    code: "ABORTED",
    message: "The request was carried out before. Its answer was too large to be kept: read the state instead.",
  },
});
