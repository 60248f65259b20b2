import { defineErrors, KontorError } from "@kontor/errors";
import pg from "pg";

/** How a database fails, apart from constraints. */
export const postgresErrors = defineErrors("postgres.kontor", {
  DATABASE_UNAVAILABLE: { code: "UNAVAILABLE", message: "The database cannot be reached." },
  COMMIT_OUTCOME_UNKNOWN: {
    code: "UNAVAILABLE",
    message: "The connection broke while a transaction committed: it may or may not have taken effect.",
  },
  STATEMENT_TIMEOUT: { code: "DEADLINE_EXCEEDED", message: "A database statement took too long and was cancelled." },
  LOCK_TIMEOUT: { code: "ABORTED", message: "A database lock was not granted in time." },
  TEXT_NOT_STORABLE: { code: "INVALID_ARGUMENT", message: "A text holds a character that cannot be stored." },
  TRANSACTION_CONFLICT: { code: "ABORTED", message: "A transaction kept conflicting with others." },
});

const UNAVAILABLE_SQLSTATE = /^(08|53|57P0|25P03|25006)/;
const SOCKET_CODES = new Set(
  "ECONNREFUSED ECONNRESET ETIMEDOUT EPIPE ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ECONNABORTED ENOENT".split(" "),
);
// What pg throws without a code.
const CONNECTION_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after|Connection ended)/;

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
  const broken = SOCKET_CODES.has(state) || CONNECTION_MESSAGE.test(error.message);
  return broken ? postgresErrors.DATABASE_UNAVAILABLE({ cause: error }) : error;
}

/** Whether the server refused a statement and the connection is as good as before. */
export function isRefusal(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.severity === "ERROR";
}

/** Whether a prepared statement answers other columns than when it was prepared: a newer version migrated its table. */
export function isOutdatedPlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "0A000" && error.routine === "RevalidateCachedQuery";
}

/** Whether the server refused a statement because an earlier one of its transaction had failed: that one says why. */
export function isAborted(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "25P02";
}

/** Whether this, or what caused it, passes when all is run again: a serialization failure, a deadlock, an outdated plan. */
export function isConflict(error: unknown): boolean {
  if (error instanceof pg.DatabaseError)
    return error.code === "40001" || error.code === "40P01" || isOutdatedPlan(error);
  return error instanceof Error && error.cause !== undefined && isConflict(error.cause);
}

/** Whether a statement broke a unique or primary key, the named one if given. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return violates("23505", error, constraint);
}

/** Whether a statement broke a CHECK constraint, the named one if given. */
export function isCheckViolation(error: unknown, constraint?: string): boolean {
  return violates("23514", error, constraint);
}

/** Whether a statement broke a foreign key, the named one if given. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  return violates("23503", error, constraint);
}

function violates(state: string, error: unknown, constraint?: string): boolean {
  if (!(error instanceof pg.DatabaseError) || error.code !== state) return false;
  return constraint === undefined || error.constraint === constraint;
}
