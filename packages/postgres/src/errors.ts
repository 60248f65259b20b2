import { defineErrors, KontorError } from "@kontor/errors";
import pg from "pg";

/** How a database fails, apart from constraints. */
export const postgresErrors = defineErrors("postgres.kontor", {
  DATABASE_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: "The database is unreachable.",
    de: "Die Datenbank ist nicht erreichbar.",
  },
  COMMIT_OUTCOME_UNKNOWN: {
    code: "UNAVAILABLE",
    message:
      "The connection failed during a commit; the outcome is unknown. Repeat the request with the same key, or read the state.",
    de: "Die Verbindung brach beim Abschluss einer Transaktion ab. Ob sie wirksam wurde, ist unbekannt.",
  },
  STATEMENT_TIMEOUT: {
    code: "DEADLINE_EXCEEDED",
    message: "A database statement exceeded its time limit and was cancelled. Retry later.",
    de: "Eine Anweisung an die Datenbank dauerte zu lange und wurde abgebrochen.",
  },
  LOCK_TIMEOUT: {
    code: "ABORTED",
    message: "A database lock was not granted in time. Retry later.",
    de: "Eine Sperre der Datenbank wurde nicht rechtzeitig gewährt.",
  },
  TEXT_NOT_STORABLE: {
    code: "INVALID_ARGUMENT",
    message: "A text contains a character that cannot be stored (NUL).",
    de: "Ein Text enthält ein Zeichen, das nicht gespeichert werden kann.",
  },
  SESSIONS_SHARED: {
    code: "FAILED_PRECONDITION",
    message:
      "The database URL leads to a pooler in transaction or statement mode. Leases are session locks and statements are prepared by name, so each connection needs a session of its own. Set pool_mode = session for this database, or connect without the pooler.",
    de: "Die URL der Datenbank führt zu einem Pooler im Modus transaction oder statement. Setzen Sie pool_mode = session für diese Datenbank oder verbinden Sie ohne Pooler.",
  },
  SCHEMA_OUTDATED: {
    code: "UNAVAILABLE",
    message: (facts: { migration: string; role: string }) =>
      `The database lacks the migration ${facts.migration}, which the role ${facts.role} may not apply. Run the service with the argument migrate and DATABASE_OWNER_URL.`,
    de: "Der Datenbank fehlt die Migration {migration}, die die Rolle {role} nicht anwenden darf. Starten Sie den Dienst mit dem Argument migrate und DATABASE_OWNER_URL.",
  },
  TRANSACTION_CONFLICT: {
    code: "ABORTED",
    message: "A transaction kept conflicting with others.",
    de: "Eine Transaktion stand wiederholt im Konflikt mit anderen.",
  },
});

const UNAVAILABLE_SQLSTATE = /^(08|53|57P0|25P03|25006)/;
const SOCKET_CODES = new Set(
  "ECONNREFUSED ECONNRESET ETIMEDOUT EPIPE ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ECONNABORTED ENOENT".split(" "),
);
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;
// The errors that pg throws without a code.
const CONNECTION_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after|Connection ended|The server does not support SSL connections)/;

/** Gives failures of connections, timeouts, locks and texts with a NUL their names; returns constraint violations and bugs as they are. */
export function translate(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof KontorError) return error;
  const { code } = error as { code?: unknown };
  const state = typeof code === "string" ? code : "";
  if (error instanceof pg.DatabaseError) {
    if (state === "57014") return postgresErrors.STATEMENT_TIMEOUT({ cause: error });
    if (state === "55P03") return postgresErrors.LOCK_TIMEOUT({ cause: error });
    if (state === "22021" || state === "22P05") return postgresErrors.TEXT_NOT_STORABLE({ cause: error });
    return UNAVAILABLE_SQLSTATE.test(state) ? postgresErrors.DATABASE_UNAVAILABLE({ cause: error }) : error;
  }
  const broken = SOCKET_CODES.has(state) || CERTIFICATE.test(state) || CONNECTION_MESSAGE.test(error.message);
  return broken ? postgresErrors.DATABASE_UNAVAILABLE({ cause: error }) : error;
}

/** Adds the cause to the message of a failure, for the log of a process that cannot start. Callers are never shown it. */
export function withCause(error: unknown): unknown {
  if (!(error instanceof KontorError) || !(error.cause instanceof Error)) return error;
  const { code, reason, domain, cause } = error;
  const message = `${error.message} ${describe(error.cause)}`;
  return new KontorError({ code, reason, domain, message, cause });
}

function describe(cause: Error & { code?: unknown }): string {
  const code = typeof cause.code === "string" ? cause.code : "";
  const text = `${cause.message || code}.`; // A host with several addresses fails without a text.
  return CERTIFICATE.test(code) ? `${text} Set DATABASE_CA_FILE to the CA of the server's certificate.` : text;
}

/** Returns whether the server refused a statement and the connection stays usable. */
export function isRefusal(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.severity === "ERROR";
}

/** Returns whether a prepared statement returns other columns than when it was prepared: a newer version migrated its table. */
export function isOutdatedPlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "0A000" && error.routine === "RevalidateCachedQuery";
}

/** Returns whether the server refused a statement because an earlier one of its transaction had failed, which has the cause. */
export function isAborted(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "25P02";
}

/** Returns whether a repetition can succeed, by the error or its cause: a serialization failure, a deadlock, an outdated plan. */
export function isConflict(error: unknown): boolean {
  if (error instanceof pg.DatabaseError)
    return error.code === "40001" || error.code === "40P01" || isOutdatedPlan(error);
  return error instanceof Error && error.cause !== undefined && isConflict(error.cause);
}

/**
 * Returns whether a statement broke a unique or primary key, the named one if given.
 *
 * ```ts
 * const isTaken = (error: unknown) => isUniqueViolation(error, "users_mail_key");
 * ```
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return violates("23505", error, constraint);
}

/** Returns whether a statement broke a CHECK constraint, the named one if given. */
export function isCheckViolation(error: unknown, constraint?: string): boolean {
  return violates("23514", error, constraint);
}

/** Returns whether a statement broke a foreign key, the named one if given. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  return violates("23503", error, constraint);
}

function violates(state: string, error: unknown, constraint?: string): boolean {
  if (!(error instanceof pg.DatabaseError) || error.code !== state) return false;
  return constraint === undefined || error.constraint === constraint;
}
