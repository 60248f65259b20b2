/** What is wrong with one field of a request. */
export interface FieldProblem {
  /** The place in the body (RFC 6901). */
  readonly pointer?: string;
  /** The parameter of the path or the query, or the header. */
  readonly parameter?: string;
  /** The stable name of the rule. */
  readonly code?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly detail: string;
}

/** A problem document (RFC 9457) as the edge writes it. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly errors?: readonly FieldProblem[];
}

/**
 * A failed call. `reason` decides what to do. The client has reasons of its own: `NETWORK_ERROR` without a response, `DEADLINE_EXCEEDED` after
 * `timeoutMs`, `INVALID_ARGUMENT` for a request that cannot be sent. `UNKNOWN` is a response that is no problem document.
 */
export class ClientError<R extends string = string, M = Readonly<Record<string, string>>> extends Error {
  override readonly name: string = "ClientError";
  readonly reason: R;
  /** The HTTP status; 0 without a response. */
  readonly status: number;
  /** The facts of the error. */
  readonly metadata: M;
  /** What is wrong with single fields. */
  readonly errors: readonly FieldProblem[];
  /** The whole problem document; empty without one. */
  readonly problem: Problem;
  /** The id of the request, for logs. */
  readonly requestId: string | undefined;
  /** How long to wait before the call is repeated, in milliseconds; undefined if the response does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    facts: { readonly reason: R; readonly status?: number; readonly problem?: Problem; readonly headers?: Headers },
    options?: ErrorOptions,
  ) {
    super(message, options);
    const { reason, status = 0, problem = {}, headers } = facts;
    this.reason = reason;
    this.status = status;
    this.problem = problem;
    this.metadata = (problem.metadata ?? {}) as M;
    this.errors = problem.errors ?? [];
    this.requestId = headers?.get("x-request-id") ?? undefined;
    this.retryAfterMs = waitOf(headers?.get("retry-after"));
  }
}

/** Returns the error of a failed response. Its body is read. */
export async function errorOf(request: string, response: Response): Promise<ClientError> {
  const text = await response.text().catch(() => "");
  return problemError(request, parsed(text), response.status, response.headers);
}

/** Returns the error of a problem document, or of something else that a failed response contained. */
export function problemError(request: string, value: unknown, status = 0, headers?: Headers): ClientError {
  const problem: Problem = typeof value === "object" && value !== null ? value : {};
  const shown = status || problem.status || 0;
  const said = problem.detail ?? problem.title ?? "The response has no problem document.";
  return new ClientError(`${request}: ${shown} ${problem.reason ?? ""} ${said}`.replace(/ {2,}/g, " "), {
    reason: problem.reason ?? "UNKNOWN",
    status: shown,
    problem,
    ...(headers && { headers }),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads `Retry-After`: seconds or a date (RFC 9110, section 10.2.3). */
function waitOf(value: string | null | undefined): number | undefined {
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
