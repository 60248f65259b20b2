import { defineErrors } from "@kontor/errors";

/** The failures of a request that never ran. */
export const batchErrors = defineErrors("batch.kontor", {
  QUEUE_FULL: {
    code: "UNAVAILABLE",
    message: (f: { batch: string; waiting: number }) =>
      `The queue "${f.batch}" is full: ${f.waiting} requests wait. Retry later.`,
    de: "Die Warteschlange {batch} ist voll: {waiting} Anfragen warten. Wiederholen Sie die Anfrage später.",
  },
  DEADLINE_EXCEEDED: {
    code: "DEADLINE_EXCEEDED",
    message: (f: { batch: string }) => `The deadline passed while the request waited in the queue "${f.batch}".`,
    de: "Die Zeit lief ab, während die Anfrage in der Warteschlange {batch} stand.",
  },
});
