import { defineErrors } from "@kontor/errors";

/** The failures this package itself reports, on either side of a call. */
export const rpcErrors = defineErrors("rpc.kontor", {
  INTERNAL: {
    code: "INTERNAL",
    message: (_: { requestId: string }) => "An internal error occurred.",
    de: "Auf unserer Seite ist ein Fehler aufgetreten.",
  },
  DEADLINE_EXCEEDED: {
    code: "DEADLINE_EXCEEDED",
    message: "The call exceeded its deadline.",
    de: "Der Aufruf dauerte länger als erlaubt.",
  },
  CANCELLED: { code: "CANCELLED", message: "The caller cancelled the call.", de: "Der Aufrufer hat abgebrochen." },
  MALFORMED_REQUEST: {
    code: "INVALID_ARGUMENT",
    message: "The request is not a message of the declared type.",
    de: "Die Anfrage ist keine Nachricht des vereinbarten Typs.",
  },
  OVERLOADED: {
    code: "UNAVAILABLE",
    message: "The service is overloaded. Retry after the time in Retry-After.",
    de: "Der Dienst ist überlastet. Wiederholen Sie die Anfrage nach der Zeit in Retry-After.",
  },
  SHUTTING_DOWN: {
    code: "UNAVAILABLE",
    message: "The service is shutting down.",
    de: "Der Dienst wird gerade beendet.",
  },
  DEPENDENCY_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: "A service that this one depends on is unreachable. Retry later.",
    de: "Ein benötigter Dienst ist jetzt nicht erreichbar.",
  },
  CREDENTIAL_REFUSED: {
    code: "UNAVAILABLE",
    message: ({ service }: { service: string }) => `${service} refused the credential of this service.`,
    de: "{service} lehnt den Nachweis dieses Dienstes ab.",
  },
  CIRCUIT_OPEN: {
    code: "UNAVAILABLE",
    message: ({ service }: { service: string }) =>
      `The circuit of ${service} is open after repeated failures. Retry after the time in Retry-After.`,
    de: "{service} hat zuletzt zu oft versagt, um jetzt aufgerufen zu werden.",
  },
  CALLEE_UNRESPONSIVE: {
    code: "UNAVAILABLE",
    message: ({ service }: { service: string }) =>
      `${service} responded to no call until the deadline of one. The outcome of this call is unknown.`,
    de: "{service} hat bis zum Ende der Frist nicht geantwortet. Das Ergebnis dieses Aufrufs ist unbekannt.",
  },
});
