import { type Code, isTransientCode } from "./code.ts";
import type { Translation } from "./language.ts";
import type { Param, Params } from "./template.ts";
import { type FieldViolation, violationText } from "./violations/violations.ts";

/** The message of an error in languages other than English. */
export type Translations = Readonly<Partial<Record<Translation, string>>>;

/** Everything an error carries. */
export interface KontorErrorInit {
  /** The code of gRPC. */
  readonly code: Code;
  /** The public, stable name of the failure in UPPER_SNAKE_CASE, unique within its domain. */
  readonly reason: string;
  /** The domain that defines the reason, such as `orders.shop`. */
  readonly domain: string;
  /** The failure, in English. */
  readonly message: string;
  /** The message in other languages. */
  readonly translations?: Translations | undefined;
  /** The facts of this occurrence. They are sent to the caller, so they must not contain a secret. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The violations of fields of the request. Default: none. */
  readonly violations?: readonly FieldViolation[];
  /** How long a caller should wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Messages that a caller needs to continue, such as the present state of what it wanted to change. Default: none. */
  readonly details?: readonly ErrorDetail[] | undefined;
  /** The cause. It is logged and never leaves the process. */
  readonly cause?: unknown;
}

/** A message that travels with an error, in the binary form of Protobuf. */
export interface ErrorDetail {
  /** Its full name, such as `shop.orders.v1.Cart`. */
  readonly type: string;
  readonly value: Uint8Array;
}

/** Most violations that one error names. */
const MOST_VIOLATIONS = 25;
/** Most characters of a message, and of each fact, field, description, code and param. */
const LONGEST = { message: 1_000, fact: 300, field: 100, description: 200, code: 63, param: 120 };
/** Most bytes of all details. Details that exceed it are left out: a status travels in trailers. */
const LONGEST_DETAILS = 24_576;
/** Most params of a violation. */
const MOST_PARAMS = 3;

/**
 * An expected failure: it has a code, a public reason and facts, and crosses process borders as `google.rpc.Status` with
 * `ErrorInfo`, `BadRequest` and `RetryInfo` (https://google.aip.dev/193). Any other error is a bug.
 *
 * Long texts are cut and violations beyond the 25th dropped: a status travels in HTTP/2 trailers, and more than 64 KiB of
 * them end the connection, with all calls on it.
 */
export class KontorError extends Error {
  readonly code: Code;
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Record<string, string>;
  readonly translations: Translations;
  readonly violations: readonly FieldViolation[];
  readonly details: readonly ErrorDetail[];
  readonly retryAfterMs?: number;

  constructor(init: KontorErrorInit) {
    super(cut(init.message, LONGEST.message), init.cause === undefined ? undefined : { cause: init.cause });
    this.name = "KontorError";
    this.code = init.code;
    this.reason = init.reason;
    this.domain = init.domain;
    this.metadata = shortened(init.metadata ?? {});
    this.translations = mapValues(init.translations ?? {}, (text) => cut(text, LONGEST.message));
    this.violations = (init.violations ?? []).slice(0, MOST_VIOLATIONS).map(bounded);
    this.details = fitting(init.details ?? []);
    if (init.retryAfterMs !== undefined) this.retryAfterMs = init.retryAfterMs;
  }
}

/**
 * Creates a refusal that names each invalid field: INVALID_ARGUMENT with the reason INVALID_REQUEST. `domain` defaults to `kontor`.
 *
 * ```ts
 * throw invalid([violation("reason", "TOO_LONG", { max: 500 })], "orders.shop");
 * ```
 */
export function invalid(violations: readonly FieldViolation[], domain = "kontor", cause?: unknown): KontorError {
  const named = violations.slice(0, MOST_VIOLATIONS);
  const message = named.map(({ field, description }) => `${field}: ${description}`).join(" ");
  const de = named.map(({ field, code = "", params = {}, description }) => {
    return `${field}: ${violationText(code, params, "de") ?? description}`;
  });
  return new KontorError({
    translations: { de: de.join(" ") },
    code: "INVALID_ARGUMENT",
    reason: "INVALID_REQUEST",
    domain,
    message,
    violations,
    cause,
  });
}

function fitting(details: readonly ErrorDetail[]): readonly ErrorDetail[] {
  let bytes = 0;
  return details.filter(({ value }) => {
    bytes += value.length;
    return bytes <= LONGEST_DETAILS;
  });
}

function shortened(facts: Readonly<Record<string, string>>): Record<string, string> {
  return mapValues(facts, (fact) => cut(fact, LONGEST.fact));
}

function bounded({ field, description, code, params = {} }: FieldViolation): FieldViolation {
  return {
    field: cut(field, LONGEST.field),
    description: cut(description, LONGEST.description),
    ...(code !== undefined && { code: cut(code, LONGEST.code), params: boundedParams(params) }),
  };
}

function boundedParams(params: Params): Params {
  return mapValues(Object.fromEntries(Object.entries(params).slice(0, MOST_PARAMS)), boundedParam);
}

/** Returns a param of bounded length: a list without the texts that exceed the limit with their separators. */
function boundedParam(param: Param): Param {
  if (typeof param === "string") return cut(param, LONGEST.param);
  if (typeof param !== "object") return param;
  let length = 0;
  return param.filter((text) => {
    length += text.length + 4;
    return length <= LONGEST.param;
  });
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/**
 * Returns whether this is an expected failure, and the one with the reason if that is given.
 *
 * ```ts
 * const isGone = (error: unknown) => isKontorError(error, "ORDER_NOT_FOUND");
 * ```
 */
export function isKontorError(error: unknown, reason?: string): error is KontorError {
  return error instanceof KontorError && (reason === undefined || error.reason === reason);
}

/**
 * Returns whether the same call may succeed later: UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED or RESOURCE_EXHAUSTED. False for a bug. It does
 * not mean that the call had no effect.
 */
export function isTransient(error: unknown): boolean {
  return error instanceof KontorError && isTransientCode(error.code);
}
