import { type Code, isTransientCode } from "./code.ts";

/** One thing that is wrong with one field of a request. */
export interface FieldViolation {
  /** Path of the field in the request as JSON names it, such as `items[0].quantity`. */
  readonly field: string;
  /** What is wrong, as a sentence for the caller. */
  readonly description: string;
}

/** Everything an error carries. */
export interface KontorErrorInit {
  readonly code: Code;
  /** The public, stable name of the failure in UPPER_SNAKE_CASE, unique within its domain. */
  readonly reason: string;
  /** Who defines the reason, such as `orders.kontor`. */
  readonly domain: string;
  readonly message: string;
  /** The facts of this occurrence. Travels to the caller, so it never holds a secret. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly FieldViolation[];
  /** How long a caller should wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Most violations that one error names. */
const MOST_VIOLATIONS = 25;
/** Most characters of a message, and of each fact, field and description. */
const LONGEST = { message: 1_000, fact: 300, field: 100, description: 200 };

/**
 * An expected failure: it has a code, a public reason and facts, and crosses process borders as `google.rpc.Status` with
 * `ErrorInfo`, `BadRequest` and `RetryInfo` (https://google.aip.dev/193). Whatever is not a KontorError is a bug.
 *
 * Long texts are cut and violations beyond the 25th left out: a status travels in HTTP/2 trailers, and more than 64 KiB of
 * them end the connection, with all calls on it.
 */
export class KontorError extends Error {
  readonly code: Code;
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Record<string, string>;
  readonly violations: readonly FieldViolation[];
  readonly retryAfterMs?: number;

  constructor(init: KontorErrorInit) {
    super(cut(init.message, LONGEST.message), init.cause === undefined ? undefined : { cause: init.cause });
    this.name = "KontorError";
    this.code = init.code;
    this.reason = init.reason;
    this.domain = init.domain;
    this.metadata = shortened(init.metadata ?? {});
    this.violations = (init.violations ?? []).slice(0, MOST_VIOLATIONS).map(({ field, description }) => ({
      field: cut(field, LONGEST.field),
      description: cut(description, LONGEST.description),
    }));
    if (init.retryAfterMs !== undefined) this.retryAfterMs = init.retryAfterMs;
  }
}

/** A refusal that names each field at fault: INVALID_ARGUMENT with the reason INVALID_REQUEST. `domain` defaults to `kontor`. */
export function invalid(violations: readonly FieldViolation[], domain = "kontor"): KontorError {
  const named = violations.slice(0, MOST_VIOLATIONS);
  const message = named.map(({ field, description }) => `${field}: ${description}`).join(" ");
  return new KontorError({
    code: "INVALID_ARGUMENT",
    reason: "INVALID_REQUEST",
    domain,
    message,
    violations,
  });
}

function shortened(facts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, cut(fact, LONGEST.fact)]));
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Whether this is an expected failure, and the named one if a reason is given. */
export function isKontorError(error: unknown, reason?: string): error is KontorError {
  return error instanceof KontorError && (reason === undefined || error.reason === reason);
}

/** Whether trying again may help: UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED or RESOURCE_EXHAUSTED. A bug is never transient. */
export function isTransient(error: unknown): boolean {
  return error instanceof KontorError && isTransientCode(error.code);
}
