import { defineErrors } from "@kontor/errors";

/** Every refusal of the users service. */
export const userErrors = defineErrors("users.kontor", {
  EMAIL_TAKEN: { code: "ALREADY_EXISTS", message: "An account with this mail address exists." },
  CREDENTIALS_WRONG: { code: "UNAUTHENTICATED", message: "The mail address or the password is wrong." },
  LOGIN_THROTTLED: {
    code: "RESOURCE_EXHAUSTED",
    message: "Too many failed log-ins. Try again after the time in Retry-After, which grows with each failure.",
  },
  PASSWORDS_BUSY: { code: "RESOURCE_EXHAUSTED", message: "Too many sign-ins at once. Try again in a moment." },
  REFRESH_INVALID: { code: "UNAUTHENTICATED", message: "The refresh token is unknown, expired or revoked." },
  REFRESH_REUSED: { code: "UNAUTHENTICATED", message: "The refresh token was used before; its session has ended." },
  SESSION_ENDED: { code: "UNAUTHENTICATED", message: "The session of this token has ended. Log in again." },
  RIGHT_REMOVED: {
    code: "PERMISSION_DENIED",
    message: ({ scope }: { scope: string }) => `The roles of your account do not include ${scope} any more.`,
  },
  LAST_ADMIN: {
    code: "FAILED_PRECONDITION",
    message: "This account is the last administrator. Give the role admin to another account first.",
  },
  USER_NOT_FOUND: {
    code: "NOT_FOUND",
    message: ({ userId }: { userId: string }) => `User ${userId} does not exist.`,
  },
  ADDRESS_NOT_FOUND: {
    code: "NOT_FOUND",
    message: ({ addressId }: { addressId: string }) => `The user has no address ${addressId}.`,
  },
  ADDRESS_EXISTS: {
    code: "ALREADY_EXISTS",
    message: ({ addressId }: { addressId: string }) => `The user has another address under the id ${addressId}.`,
  },
  ADDRESSES_FULL: {
    code: "FAILED_PRECONDITION",
    message: ({ limit }: { limit: number }) => `A user keeps at most ${limit} addresses.`,
  },
});
