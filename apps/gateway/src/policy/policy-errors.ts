import { defineErrors } from "@kontor/errors";

/** The edge's refusals because of limits and keys. */
export const edgeErrors = defineErrors("gateway.kontor", {
  RATE_LIMITED: {
    code: "RESOURCE_EXHAUSTED",
    message: ({ class: name }: { class: string }) =>
      `The rate limit ${name} is exceeded. Retry after the time in Retry-After.`,
    de: "Es gab zu viele Anfragen der Klasse {class}.",
  },
  RATE_LIMIT_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: ({ class: name }: { class: string }) =>
      `Requests of the class ${name} cannot be counted now, and uncounted ones are refused.`,
    de: "Anfragen der Klasse {class} können jetzt nicht gezählt werden und werden deshalb abgelehnt.",
  },
  PRECONDITION_FAILED: {
    code: "FAILED_PRECONDITION",
    message: ({ header }: { header: string }) =>
      `The condition in ${header} does not hold or cannot be checked here, so nothing was done.`,
    de: "Die Bedingung in {header} ist nicht erfüllt oder kann hier nicht geprüft werden. Nichts wurde geändert.",
  },
  IDEMPOTENCY_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: "The idempotency store is unavailable; the request was not executed. Retry with the same key.",
    de: "Idempotenzschlüssel können jetzt nicht gespeichert werden. Die Anfrage wurde nicht ausgeführt.",
  },
  IDEMPOTENCY_ANSWER_LOST: {
    code: "ABORTED",
    message: "The request was executed before. Its response was too large to store: read the state instead.",
    de: "Die Anfrage wurde schon ausgeführt. Ihre Antwort war zu groß, um sie aufzubewahren: Lesen Sie den Zustand.",
  },
});
