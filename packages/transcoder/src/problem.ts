import {
  type DescMessage,
  type DescMethod,
  type JsonValue,
  type MessageShape,
  type Registry,
  toJson,
} from "@bufbuild/protobuf";
import { type Any, AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { type Code, codeOf, Status } from "./code.ts";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.ts";
import { HttpError, type Violation } from "./http-error.ts";
import type { Route } from "./route.ts";
import { RpcError } from "./rpc-error.ts";
import { pointerTo } from "./strict-json.ts";

/** A problem document of RFC 9457 with the members that this package adds. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  /** The name of the canonical gRPC code. */
  readonly code: string;
  readonly reason?: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly errors?: readonly Violation[];
  /** Details of types that have no place of their own, as ProtoJSON where the type is known. */
  readonly details?: readonly JsonValue[];
}

/** How errors become problem documents. */
export interface ProblemOptions {
  /** Types of details beyond those of `google.rpc`. */
  readonly registry: Registry;
  /** The page that explains a reason. Default: `about:blank`. */
  readonly typeOf?: ((reason: string) => string) | undefined;
  /** Another HTTP status for a reason than its code has, as 422 for a reused key. */
  readonly statusOf?: ((reason: string, code: string, method?: DescMethod) => number | undefined) | undefined;
}

/** An answer to a failed request. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** Translates any error. What is neither the client's fault nor said by an upstream is INTERNAL and says nothing. */
export function problemOf(error: unknown, instance: string, options: ProblemOptions, route?: Route): ProblemAnswer {
  if (error instanceof HttpError) return fromHttp(error, instance, options);
  if (error instanceof RpcError) return fromRpc(error, instance, options, route);
  return fromRpc(new RpcError(Status.INTERNAL, ""), instance, options, route);
}

function fromHttp(error: HttpError, instance: string, { typeOf }: ProblemOptions): ProblemAnswer {
  const errors = error.violations;
  const problem: Problem = {
    type: typeOf?.(error.reason) ?? "about:blank",
    title: httpTitles[error.status] ?? codeOf(error.code).title,
    status: error.status,
    detail: error.message,
    instance,
    code: codeOf(error.code).name,
    reason: error.reason,
    ...(errors.length > 0 && { errors }),
  };
  return { problem, headers: withChallenge(error.status, error.headers) };
}

const httpTitles: Readonly<Record<number, string>> = {
  404: "Not found",
  405: "Method not allowed",
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
  { registry, typeOf, statusOf }: ProblemOptions,
  route: Route | undefined,
): ProblemAnswer {
  const code = codeOf(error.code);
  const silent = code.http === 500 || error.transport;
  const headers: Record<string, string> = { ...error.headers };
  const errors: Violation[] = [];
  const details: JsonValue[] = [];
  let info: { reason: string; domain: string; metadata: Record<string, string> } | undefined;
  for (const any of silent ? [] : error.details) {
    const violations = unpack(any, BadRequestSchema)?.fieldViolations;
    const retry = unpack(any, RetryInfoSchema);
    const errorInfo = unpack(any, ErrorInfoSchema);
    if (violations !== undefined) {
      for (const v of violations) errors.push({ ...placeOf(v.field, route), detail: v.description });
    } else if (retry !== undefined) {
      const { seconds = 0n, nanos = 0 } = retry.retryDelay ?? {};
      headers["Retry-After"] = String(Math.max(0, Number(seconds) + (nanos > 0 ? 1 : 0)));
    } else if (errorInfo !== undefined && info === undefined) info = errorInfo;
    else details.push(unknownDetail(any, registry));
  }
  const reason = info?.reason ?? code.name;
  const status = statusOf?.(reason, code.name, route?.method) ?? (error.transport ? transportStatus(code) : code.http);
  const problem: Problem = {
    type: typeOf?.(reason) ?? "about:blank",
    title: httpTitles[status] ?? code.title,
    status,
    detail:
      (silent || error.details.length === 0 ? ownText[code.number] : undefined) ??
      (silent ? "The request could not be completed." : error.message),
    instance,
    code: code.name,
    reason,
    ...(info !== undefined && { domain: info.domain, metadata: { ...info.metadata } }),
    ...(errors.length > 0 && { errors }),
    ...(details.length > 0 && { details }),
  };
  return { problem, headers: withChallenge(status, headers) };
}

/** What is said instead of a client library's text, which names addresses. */
const ownText: Readonly<Record<number, string>> = {
  [Status.CANCELLED]: "The request was cancelled.",
  [Status.DEADLINE_EXCEEDED]: "The request took too long.",
  [Status.UNAVAILABLE]: "The service cannot be reached now.",
};

function transportStatus({ http }: Code): number {
  return http === 503 || http === 504 || http === 499 ? http : 502;
}

function withChallenge(status: number, headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return status === 401 && headers["WWW-Authenticate"] === undefined
    ? { ...headers, "WWW-Authenticate": "Bearer" }
    : headers;
}

function unpack<Desc extends DescMessage>(any: Any, schema: Desc): MessageShape<Desc> | undefined {
  try {
    return anyUnpack(any, schema);
  } catch {
    return undefined;
  }
}

function unknownDetail(any: Any, registry: Registry): JsonValue {
  try {
    return toJson(AnySchema, any, { registry });
  } catch {
    return { "@type": any.typeUrl, value: Buffer.from(any.value).toString("base64") };
  }
}

/** Where a client finds the field that an upstream calls `items[0].unit_price`: in the body, the path or the query. */
function placeOf(field: string, route: Route | undefined): Pick<Violation, "pointer" | "parameter"> {
  const steps = field.split(/[.[\]]+/).filter((step) => step !== "");
  const names = steps.map((step) => step.replaceAll(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase()));
  const inBody = route === undefined || route.body.kind === "message" ? names : undefined;
  const inField = route?.body.kind === "field" && route.body.field.jsonName === names[0] ? names.slice(1) : undefined;
  const path = inBody ?? inField;
  return path === undefined ? { parameter: names.join(".") } : { pointer: path.reduce(pointerTo, "") };
}
