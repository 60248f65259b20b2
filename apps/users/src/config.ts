import { duration, integer, optionalText } from "@kontor/config";

/** The settings of users, in addition to those of every service. */
export const settings = {
  accessTokenTtlMs: duration("ACCESS_TOKEN_TTL", {
    default: "10m",
    min: 1_000,
    max: 86_400_000,
    doc: "How long an access token is good.",
  }),
  refreshTokenTtlMs: duration("REFRESH_TOKEN_TTL", {
    default: "30d",
    min: 1_000,
    doc: "How long a session lives on after its last refresh.",
  }),
  refreshReuseMs: duration("REFRESH_REUSE_INTERVAL", {
    default: "30s",
    min: 0,
    max: 300_000,
    doc: "For how long a client that uses a refresh token again gets the same successor. A later use ends the session.",
  }),
  signingKeyRotationMs: duration("SIGNING_KEY_ROTATION", {
    default: "30d",
    min: 1_000,
    doc: "How long a key signs access tokens before the next one does.",
  }),
  signingKeySecret: optionalText("SIGNING_KEY_SECRET", {
    secret: true,
    doc: "Seals the private signing keys in the database. Without it they are stored in plain text, for development only.",
  }),
  loginFailures: integer("LOGIN_FAILURES", {
    default: 10,
    min: 1,
    max: 1_000,
    doc: "Failed log-ins in a row, to one account from one network, that delay nothing. Three times as many from all unknown networks.",
  }),
  loginFailuresWindowMs: duration("LOGIN_FAILURES_WINDOW", {
    default: "15m",
    min: 1_000,
    doc: "After this time without a failed log-in the earlier ones count no more.",
  }),
  loginDelayMs: duration("LOGIN_DELAY_MAX", {
    default: "1m",
    min: 1,
    max: 3_600_000,
    doc: "The longest delay after failed log-ins. It begins with 1 s and doubles with each failure.",
  }),
  passwordWorkers: integer("PASSWORD_WORKERS", {
    default: 3,
    min: 1,
    max: 64,
    doc: "Passwords hashed at once, 19 MiB each. Fewer than UV_THREADPOOL_SIZE (4), so that other work is not delayed.",
  }),
  passwordQueue: integer("PASSWORD_QUEUE", {
    default: 48,
    min: 0,
    doc: "Passwords that may wait to be hashed; more are refused with RESOURCE_EXHAUSTED.",
  }),
  staffEmail: optionalText("STAFF_EMAIL", {
    doc: "Mail address of an account with all roles, created at a start without it; without any administrator the account becomes one.",
  }),
  staffPassword: optionalText("STAFF_PASSWORD", {
    secret: true,
    doc: "Password of the STAFF_EMAIL account when it is created or becomes administrator.",
  }),
};
