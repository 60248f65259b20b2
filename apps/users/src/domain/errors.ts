import { defineErrors } from "@kontor/errors";

/** Every refusal of the users service. */
export const userErrors = defineErrors("users.shop", {
  EMAIL_TAKEN: {
    code: "ALREADY_EXISTS",
    message: "An account with this mail address exists.",
    de: "Ein Konto mit dieser E-Mail-Adresse gibt es schon.",
  },
  CREDENTIALS_WRONG: {
    code: "UNAUTHENTICATED",
    message: "The mail address or the password is wrong.",
    de: "Die E-Mail-Adresse oder das Passwort ist falsch.",
  },
  LOGIN_THROTTLED: {
    code: "RESOURCE_EXHAUSTED",
    message: "Too many failed log-ins. Try again after the time in Retry-After, which grows with each failure.",
    de: "Zu viele fehlgeschlagene Anmeldungen. Versuchen Sie es nach der Zeit in Retry-After erneut, die mit jedem Fehlversuch wächst.",
  },
  PASSWORDS_BUSY: {
    code: "RESOURCE_EXHAUSTED",
    message: "Too many sign-ins at once. Try again in a moment.",
    de: "Zu viele Anmeldungen zugleich. Versuchen Sie es gleich noch einmal.",
  },
  REFRESH_INVALID: {
    code: "UNAUTHENTICATED",
    message: "The refresh token is unknown, expired or revoked.",
    de: "Das Refresh-Token ist unbekannt, abgelaufen oder widerrufen.",
  },
  REFRESH_REUSED: {
    code: "UNAUTHENTICATED",
    message: "The refresh token was used before; its session has ended.",
    de: "Das Refresh-Token wurde schon benutzt. Seine Sitzung ist beendet.",
  },
  SESSION_ENDED: {
    code: "UNAUTHENTICATED",
    message: "The session of this token has ended. Log in again.",
    de: "Die Sitzung dieses Tokens ist beendet. Melden Sie sich erneut an.",
  },
  RIGHT_REMOVED: {
    code: "PERMISSION_DENIED",
    message: ({ scope }: { scope: string }) => `The roles of your account no longer include ${scope}.`,
    de: "Die Rollen Ihres Kontos enthalten {scope} nicht mehr.",
  },
  LAST_ADMIN: {
    code: "FAILED_PRECONDITION",
    message: "This account is the last administrator. Give the role admin to another account first.",
    de: "Dieses Konto ist das letzte mit der Rolle admin. Geben Sie die Rolle admin zuerst einem anderen Konto.",
  },
  USER_NOT_FOUND: {
    code: "NOT_FOUND",
    message: ({ userId }: { userId: string }) => `User ${userId} does not exist.`,
    de: "Das Konto {userId} gibt es nicht.",
  },
  ADDRESS_NOT_FOUND: {
    code: "NOT_FOUND",
    message: ({ addressId }: { addressId: string }) => `The user has no address ${addressId}.`,
    de: "Das Konto hat keine Adresse {addressId}.",
  },
  ADDRESS_EXISTS: {
    code: "ALREADY_EXISTS",
    message: ({ addressId }: { addressId: string }) => `The user has another address under the id ${addressId}.`,
    de: "Das Konto hat unter der Kennung {addressId} eine andere Adresse.",
  },
  ADDRESSES_FULL: {
    code: "FAILED_PRECONDITION",
    message: ({ limit }: { limit: number }) => `A user has at most ${limit} addresses.`,
    de: "Ein Konto hat höchstens {limit} Adressen.",
  },
});
