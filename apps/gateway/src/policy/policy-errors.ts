import { defineErrors } from "@kontor/errors";

/** What the edge refuses because of limits and keys. */
export const edgeErrors = defineErrors("gateway.kontor", {
  RATE_LIMITED: {
    code: "RESOURCE_EXHAUSTED",
    message: ({ class: name }: { class: string }) => `There were too many requests of the class ${name}.`,
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
    message: "Idempotency keys cannot be kept now, so the request was not carried out.",
    de: "Idempotenzschlüssel können jetzt nicht gespeichert werden. Die Anfrage wurde nicht ausgeführt.",
  },
  IDEMPOTENCY_ANSWER_LOST: {
    code: "ABORTED",
    message: "The request was carried out before. Its answer was too large to be kept: read the state instead.",
    de: "Die Anfrage wurde schon ausgeführt. Ihre Antwort war zu groß, um sie aufzubewahren: Lesen Sie den Zustand.",
  },
});
