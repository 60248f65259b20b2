import { JsonError } from "@kontor/proto-json";
import { codeOf, Status } from "./code.ts";
import { EDGE_ERRORS, type EdgeReason } from "./edge-errors.ts";
import { about, type Text, textOfFault } from "./text.ts";

/** One thing wrong with a request, and where. `pointer` is an RFC 6901 pointer into the body. */
export interface Violation extends Place {
  /** The fault. */
  readonly text: Text;
}

/** Where in a request something is wrong. */
export interface Place {
  /** Pointer into the body (RFC 6901). */
  readonly pointer?: string;
  /** The query parameter, path variable or header that is wrong. */
  readonly parameter?: string;
}

/** The options of a refusal. */
export interface HttpErrorInit {
  /** The number of the gRPC code. Default: the one that fits the status best. */
  readonly code?: number;
  /** The faults of single parts of the request. */
  readonly violations?: readonly Violation[];
  /** Headers of the response. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The cause, for the log. */
  readonly cause?: unknown;
}

/** A request that the edge or a hook refuses. Its message is the English text. */
export class HttpError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** The number of the canonical gRPC code that fits best. */
  readonly code: number;
  /** UPPER_SNAKE_CASE, stable; clients branch on it. */
  readonly reason: string;
  readonly text: Text;
  readonly violations: readonly Violation[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: string, text: Text | string, init: HttpErrorInit = {}) {
    const spoken = textOf(text);
    super(spoken.in("en"), init.cause === undefined ? undefined : { cause: init.cause });
    this.name = "HttpError";
    this.status = status;
    this.code = init.code ?? codeFor(status);
    this.reason = reason;
    this.text = spoken;
    this.violations = init.violations ?? [];
    this.headers = init.headers ?? {};
  }
}

/**
 * Returns a refusal of the catalogue, with its status.
 *
 * ```ts
 * throw refusal("ROUTE_NOT_FOUND", say("ROUTE_NOT_FOUND"));
 * ```
 */
export function refusal(reason: EdgeReason, text: Text | string, init?: HttpErrorInit): HttpError {
  return new HttpError(EDGE_ERRORS[reason].status, reason, text, init);
}

/**
 * Returns a 400 about the body, at an RFC 6901 pointer.
 *
 * ```ts
 * throw badBody("/items/0/quantity", say("DUPLICATE"));
 * ```
 */
export function badBody(pointer: string, given: Text | string, cause?: unknown): HttpError {
  const text = textOf(given);
  return refusal("INVALID_BODY", text, { violations: [{ pointer, text }], cause });
}

/** Returns the refusal of a body that is not JSON or does not fit its message. Returns other errors as they are. */
export function badJson(error: unknown): unknown {
  if (!(error instanceof JsonError)) return error;
  const { fault, pointer, isSyntax } = error;
  const text = textOfFault(fault);
  if (!isSyntax) return badBody(pointer ?? "", text, error);
  const violations = pointer === undefined ? [] : [{ pointer, text }];
  return refusal("INVALID_JSON", text, { violations, cause: error });
}

/**
 * Returns a 400 about a query parameter.
 *
 * ```ts
 * throw badQuery("colour", say("UNKNOWN_PARAMETER", { name: "colour" }));
 * ```
 */
export function badQuery(parameter: string, given: Text | string, cause?: unknown): HttpError {
  const text = textOf(given);
  return refusal("INVALID_QUERY", named(parameter, text), { violations: [{ parameter, text }], cause });
}

/** Returns a 400 about the path, or about a variable in it. */
export function badPath(given: Text | string, parameter?: string): HttpError {
  const text = textOf(given);
  if (parameter === undefined) return refusal("INVALID_PATH", text);
  return refusal("INVALID_PATH", named(parameter, text), { violations: [{ parameter, text }] });
}

/**
 * Returns a 400 about a header.
 *
 * ```ts
 * throw badHeader("X-Request-Id", say("DUPLICATE"));
 * ```
 */
export function badHeader(parameter: string, given: Text | string): HttpError {
  const text = textOf(given);
  return refusal("INVALID_HEADER", named(parameter, text), { violations: [{ parameter, text }] });
}

function textOf(given: Text | string): Text {
  return typeof given === "string" ? { in: () => given } : given;
}

/** Adds the name of the text's subject, unless the text has it. */
function named(parameter: string, text: Text): Text {
  return text.code === undefined || Object.values(text.params ?? {}).includes(parameter)
    ? text
    : about(parameter, text);
}

function codeFor(status: number): number {
  for (const number of [3, 16, 7, 5, 8, 4, 14, 12]) {
    if (codeOf(number).http === status) return number;
  }
  return status < 500 ? Status.INVALID_ARGUMENT : Status.INTERNAL;
}
