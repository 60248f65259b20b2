import type { DescMethod } from "@bufbuild/protobuf";
import { methodStatuses } from "@kontor/policy";
import { defined, type Node } from "./schema.ts";

/** A reason for which a call can fail, as the catalogues of errors explain it. */
export interface ErrorEntry {
  readonly reason: string;
  /** The status if no contract declares another. */
  readonly status: number;
  /** The name of the gRPC code. */
  readonly code: string;
  /** Its meaning, in English. */
  readonly text: string;
}

/** The descriptions of errors in the document. */
export interface ErrorFacts {
  /** Returns the entry of a reason; undefined for one that no catalogue has. */
  readonly entryOf: (reason: string) => ErrorEntry | undefined;
  /** Returns the HTTP status of a reason of an RPC. */
  readonly statusOf: (reason: string, code: string, method: DescMethod) => number | undefined;
  /** Returns the address of the page of a reason. */
  readonly typeOf: (reason: string) => string;
}

const REASONS = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g;
const titles: Readonly<Record<number, string>> = {
  400: "The request is invalid.",
  401: "The access token is missing or invalid.",
  403: "The caller may not do this.",
  404: "Not found.",
  405: "The method is not allowed.",
  406: "No representation that the client accepts.",
  409: "The state of the resource forbids it.",
  412: "The resource has another version.",
  413: "The body is too large.",
  415: "The media type of the body is not supported.",
  422: "The rules exclude the request.",
  429: "Too many requests.",
  503: "Not available now. Repeat it after `Retry-After`.",
  504: "The time allowed for the call has passed.",
};

/** The errors that the edge can return for every call, and for calls with a body, with a token and with a key. */
const always = [
  ...["INVALID_REQUEST", "INVALID_QUERY", "INVALID_PATH", "INVALID_HEADER", "ROUTE_NOT_FOUND", "METHOD_NOT_ALLOWED"],
  ...["RATE_LIMITED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL"],
];
const withBody = ["INVALID_BODY", "INVALID_JSON", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"];
const withToken = ["TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED", "SCOPE_MISSING"];
const withKey = ["IDEMPOTENCY_IN_FLIGHT", "IDEMPOTENCY_KEY_REUSED"];
const withVersion = ["PRECONDITION_FAILED"];

/** The parts of an operation that decide how it can fail. */
export interface Failing {
  readonly method: DescMethod;
  /** The comment of the RPC, which names its reasons. */
  readonly comment: string;
  readonly hasBody: boolean;
  readonly isGuarded: boolean;
  readonly hasKey: boolean;
  readonly hasVersion: boolean;
}

/** Returns the responses of failed calls by their status, each reason as an example. */
export function errorResponses(failing: Failing, facts: ErrorFacts): Node {
  const { method } = failing;
  const declared = [...methodStatuses(method).errors.keys()];
  const named = (failing.comment.match(REASONS) ?? []).filter((reason) => facts.entryOf(reason) !== undefined);
  const reasons = new Set([
    ...always,
    ...(failing.hasBody ? withBody : []),
    ...(failing.isGuarded ? withToken : []),
    ...(failing.hasKey ? withKey : []),
    ...(failing.hasVersion ? withVersion : []),
    ...declared,
    ...named,
  ]);
  const byStatus = new Map<number, ErrorEntry[]>();
  for (const reason of reasons) {
    const entry = facts.entryOf(reason) ?? declaredEntry(reason, method);
    if (entry === undefined) continue;
    const status = facts.statusOf(reason, entry.code, method) ?? entry.status;
    byStatus.set(status, [...(byStatus.get(status) ?? []), entry]);
  }
  const sorted = [...byStatus].toSorted(([a], [b]) => a - b);
  return Object.fromEntries(
    sorted.map(([status, entries]) => [String(status), response(status, entries, facts)] as const),
  );
}

function declaredEntry(reason: string, method: DescMethod): ErrorEntry | undefined {
  const status = methodStatuses(method).errors.get(reason);
  return status === undefined ? undefined : { reason, status, code: "FAILED_PRECONDITION", text: "" };
}

function response(status: number, entries: readonly ErrorEntry[], { typeOf }: ErrorFacts): Node {
  const title = titles[status] ?? "The call failed.";
  const headers = {
    ...((status === 429 || status === 503) && { "Retry-After": { $ref: "#/components/headers/Retry-After" } }),
    ...(status === 401 && { "WWW-Authenticate": { $ref: "#/components/headers/WWW-Authenticate" } }),
    ...(status === 405 && { Allow: { $ref: "#/components/headers/Allow" } }),
  };
  const examples = entries.map(({ reason, code, text }) => [
    reason,
    { summary: text || reason, value: { type: typeOf(reason), title, status, detail: text || title, code, reason } },
  ]);
  return defined({
    description: [title, ...entries.map(({ reason, text }) => `- \`${reason}\`: ${text}`)].join("\n"),
    headers: Object.keys(headers).length > 0 ? headers : undefined,
    content: {
      "application/problem+json": {
        schema: { $ref: "#/components/schemas/Problem" },
        examples: Object.fromEntries(examples),
      },
    },
  });
}

/** The schema of RFC 9457 with the members of the edge. */
export const problemSchema: Node = {
  title: "Problem",
  description: "A problem document of RFC 9457.",
  type: "object",
  required: ["type", "title", "status", "detail", "code"],
  properties: {
    type: { type: "string", description: "The page that explains the reason." },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "The failure, in the language of `Accept-Language`." },
    instance: { type: "string", description: "The path of the request." },
    code: { type: "string", description: "The canonical gRPC code." },
    reason: { type: "string", description: "The stable name of the error." },
    domain: { type: "string", description: "The domain that defines the reason." },
    metadata: { type: "object", additionalProperties: { type: "string" }, description: "The facts of the error." },
    errors: {
      type: "array",
      description: "The violations of single fields.",
      items: {
        type: "object",
        required: ["detail"],
        properties: {
          pointer: { type: "string", description: "The place in the body (RFC 6901)." },
          parameter: { type: "string", description: "The parameter of path or query, or the header." },
          code: { type: "string", description: "The stable name of the rule." },
          params: { type: "object", additionalProperties: true, description: "The facts of the rule." },
          detail: { type: "string" },
        },
      },
    },
    details: { type: "array", items: {} },
  },
};
