import { codeOf, Status } from "./code.ts";

/** One thing wrong with a request. `pointer` is an RFC 6901 pointer into the body, or empty with a `parameter` instead. */
export interface Violation {
  readonly detail: string;
  readonly pointer?: string;
  /** The query parameter, path variable or header that is wrong. */
  readonly parameter?: string;
}

/** A request that the edge refuses by itself. Its text is safe to show. */
export class HttpError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** The number of the canonical gRPC code that fits best. */
  readonly code: number;
  /** UPPER_SNAKE_CASE, stable, what a client branches on. */
  readonly reason: string;
  readonly violations: readonly Violation[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    reason: string,
    detail: string,
    init: {
      code?: number;
      violations?: readonly Violation[];
      headers?: Readonly<Record<string, string>>;
      cause?: unknown;
    } = {},
  ) {
    super(detail, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = "HttpError";
    this.status = status;
    this.code = init.code ?? codeFor(status);
    this.reason = reason;
    this.violations = init.violations ?? [];
    this.headers = init.headers ?? {};
  }
}

/** A 400 about the body, at an RFC 6901 pointer. */
export function badBody(pointer: string, detail: string): HttpError {
  return new HttpError(400, "INVALID_BODY", detail, { violations: [{ pointer, detail }] });
}

/** A 400 about a query parameter. */
export function badQuery(parameter: string, detail: string): HttpError {
  return new HttpError(400, "INVALID_QUERY", detail, { violations: [{ parameter, detail }] });
}

/** A 400 about the path. */
export function badPath(detail: string, parameter?: string): HttpError {
  return new HttpError(400, "INVALID_PATH", detail, {
    violations: parameter === undefined ? [] : [{ parameter, detail }],
  });
}

/** A 400 about a header. */
export function badHeader(parameter: string, detail: string): HttpError {
  return new HttpError(400, "INVALID_HEADER", detail, { violations: [{ parameter, detail }] });
}

function codeFor(status: number): number {
  for (const number of [3, 16, 7, 5, 8, 4, 14, 12]) {
    if (codeOf(number).http === status) return number;
  }
  return status < 500 ? Status.INVALID_ARGUMENT : Status.INTERNAL;
}
