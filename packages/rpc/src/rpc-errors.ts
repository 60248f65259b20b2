import { defineErrors } from "@kontor/errors";

/** The failures this package itself reports, on either side of a call. */
export const rpcErrors = defineErrors("rpc.kontor", {
  INTERNAL: {
    code: "INTERNAL",
    message: (_: { requestId: string }) => "Something went wrong on our side.",
  },
  DEADLINE_EXCEEDED: { code: "DEADLINE_EXCEEDED", message: "The call took longer than it was given." },
  CANCELLED: { code: "CANCELLED", message: "The caller gave up." },
  MALFORMED_REQUEST: { code: "INVALID_ARGUMENT", message: "The request is not a message of the declared type." },
  OVERLOADED: { code: "UNAVAILABLE", message: "The service has all the work it can take." },
  SHUTTING_DOWN: { code: "UNAVAILABLE", message: "The service is shutting down." },
  DEPENDENCY_UNAVAILABLE: { code: "UNAVAILABLE", message: "A service that this one needs cannot be reached now." },
  CREDENTIAL_REFUSED: {
    code: "UNAVAILABLE",
    message: ({ service }: { service: string }) => `${service} refuses the credential of this service.`,
  },
  CIRCUIT_OPEN: {
    code: "UNAVAILABLE",
    message: ({ service }: { service: string }) => `${service} has failed too often lately to be called now.`,
  },
  CALLEE_UNRESPONSIVE: {
    code: "UNAVAILABLE",
    message: ({ service }: { service: string }) =>
      `${service} responded to no call until the deadline of one. The outcome of this call is unknown.`,
  },
});
