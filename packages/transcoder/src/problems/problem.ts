import type { DescMethod, JsonValue, Registry } from "@bufbuild/protobuf";
import { preferredLanguage } from "@kontor/text/language";
import { ErrorInfoSchema, LocalizedMessageSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.ts";
import type { Route } from "../routing/route.ts";
import { type Code, codeOf, Status } from "./code.ts";
import { HttpError, type Place, type Violation } from "./http-error.ts";
import { LANGUAGES, type Language } from "./language.ts";
import { ownText } from "./own-text.ts";
import { placeOf } from "./place.ts";
import { isViolation, plainViolations, unknownDetail, unpack, type ViolationReader } from "./rpc-details.ts";
import { RpcError } from "./rpc-error.ts";
import type { Param } from "./text.ts";
import { titleIn } from "./texts/titles.ts";

/** A problem document of RFC 9457 with the members that this package adds. */
export interface Problem {
  /** Address of the page that explains the reason. */
  readonly type: string;
  /** The kind of error. */
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  /** The failure as a sentence, in the language of the client. */
  readonly detail: string;
  /** The path of the request. */
  readonly instance: string;
  /** The name of the canonical gRPC code. */
  readonly code: string;
  /** The stable name of the error. */
  readonly reason?: string;
  /** The domain that defines the reason. */
  readonly domain?: string;
  /** The facts of the error. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The violations of single fields. */
  readonly errors?: readonly FieldError[];
  /** Details of other types, as ProtoJSON where the type is known. */
  readonly details?: readonly JsonValue[];
}

/** One thing that is wrong with a request, where, and as a sentence in the language of the client. */
export interface FieldError extends Place {
  /** The violation as a stable code. */
  readonly code?: string;
  /** The facts of the rule. */
  readonly params?: Readonly<Record<string, Param>>;
  /** The violation as a sentence, in the language of the client. */
  readonly detail: string;
}

/** How errors become problem documents. */
export interface ProblemOptions {
  /** Types of details beyond those of `google.rpc`. */
  readonly registry: Registry;
  /** The page that explains a reason. Default: `about:blank`. */
  readonly typeOf?: ((reason: string) => string) | undefined;
  /** Another HTTP status for a reason than its code has, as 422 for a reused key. */
  readonly statusOf?: ((reason: string, code: string, method?: DescMethod) => number | undefined) | undefined;
  /** Reads violations with their params and translations. Default: `BadRequest`, with `reason` as the code. */
  readonly violations?: ViolationReader | undefined;
}

/** The response to a failed request. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Translates any error. An error that is neither the client's fault nor described by an upstream is INTERNAL, without its text.
 *
 * @param accepted the Accept-Language header of the client
 */
export function problemOf(
  error: unknown,
  instance: string,
  options: ProblemOptions,
  route?: Route,
  accepted?: string,
): ProblemAnswer {
  if (error instanceof HttpError) return fromHttp(error, instance, options, accepted);
  const told = error instanceof RpcError ? error : new RpcError(Status.INTERNAL, "");
  return fromRpc(told, instance, options, route, accepted);
}

function fromHttp(
  error: HttpError,
  instance: string,
  { typeOf }: ProblemOptions,
  accepted: string | undefined,
): ProblemAnswer {
  const language = preferredLanguage(accepted, LANGUAGES);
  const errors = error.violations.map((violation) => fieldError(violation, language));
  const problem: Problem = {
    type: typeOf?.(error.reason) ?? "about:blank",
    title: titleIn(httpTitles[error.status] ?? codeOf(error.code).title, language),
    status: error.status,
    detail: error.text.in(language),
    instance,
    code: codeOf(error.code).name,
    reason: error.reason,
    ...(errors.length > 0 && { errors }),
  };
  return { problem, headers: { ...withChallenge(error.status, error.headers), "Content-Language": language } };
}

function fieldError({ text, ...place }: Violation, language: Language): FieldError {
  const { code, params = {} } = text;
  return { ...place, ...(code && { code, params }), detail: text.in(language) };
}

const httpTitles: Readonly<Record<number, string>> = {
  404: "Not found",
  405: "Method not allowed",
  408: "Request timeout",
  413: "Body too large",
  414: "URL too long",
  415: "Unsupported media type",
  422: "Unprocessable content",
  431: "Headers too large",
  502: "Bad gateway",
};

function fromRpc(
  error: RpcError,
  instance: string,
  { registry, typeOf, statusOf, violations = plainViolations }: ProblemOptions,
  route: Route | undefined,
  accepted: string | undefined,
): ProblemAnswer {
  const language = preferredLanguage(accepted, LANGUAGES);
  const code = codeOf(error.code);
  const silent = code.http === 500 || error.transport;
  const headers: Record<string, string> = { ...error.headers };
  const details: JsonValue[] = [];
  const translations = new Map<string, string>();
  let info: { reason: string; domain: string; metadata: Record<string, string> } | undefined;
  for (const any of silent ? [] : error.details) {
    const retry = unpack(any, RetryInfoSchema);
    const errorInfo = unpack(any, ErrorInfoSchema);
    const translation = unpack(any, LocalizedMessageSchema);
    if (retry !== undefined) {
      const { seconds = 0n, nanos = 0 } = retry.retryDelay ?? {};
      headers["Retry-After"] = String(Math.max(0, Number(seconds) + (nanos > 0 ? 1 : 0)));
    } else if (errorInfo !== undefined && info === undefined) info = errorInfo;
    else if (translation !== undefined) translations.set(translation.locale, translation.message);
    else if (!isViolation(any, violations.types)) details.push(unknownDetail(any, registry));
  }
  const errors = (silent ? [] : violations.read(error.details)).map(({ field, text }) =>
    fieldError({ ...placeOf(namesOf(field), route), text }, language),
  );
  const reason = info?.reason ?? code.name;
  const status = statusOf?.(reason, code.name, route?.method) ?? (error.transport ? transportStatus(code) : code.http);
  const problem: Problem = {
    type: typeOf?.(reason) ?? "about:blank",
    title: titleIn(httpTitles[status] ?? code.title, language),
    status,
    detail: ownText(error, silent)?.in(language) ?? translated(error.message, translations, accepted),
    instance,
    code: code.name,
    reason,
    ...(info !== undefined && { domain: info.domain, metadata: { ...info.metadata } }),
    ...(errors.length > 0 && { errors }),
    ...(details.length > 0 && { details }),
  };
  return { problem, headers: { ...withChallenge(status, headers), "Content-Language": language } };
}

/** Returns the message in the language that the client prefers among those it exists in. */
function translated(message: string, translations: ReadonlyMap<string, string>, accepted: string | undefined): string {
  return translations.get(preferredLanguage(accepted, ["en", ...translations.keys()])) ?? message;
}

function transportStatus({ http }: Code): number {
  return http === 503 || http === 504 || http === 499 ? http : 502;
}

function withChallenge(status: number, headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return status === 401 && headers["WWW-Authenticate"] === undefined
    ? { ...headers, "WWW-Authenticate": "Bearer" }
    : headers;
}

/** The JSON names of the field that an upstream calls `items[0].unit_price`. */
function namesOf(field: string): string[] {
  const steps = field.split(/[.[\]]+/).filter((step) => step !== "");
  return steps.map((step) => step.replaceAll(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase()));
}
