import type { DescMethod } from "@bufbuild/protobuf";
import { JsonForm, type JsonRules } from "@kontor/proto-json";
import { buildRoutes } from "@kontor/transcoder";
import { serviceNames } from "./client-calls.ts";
import type { Comments } from "./comments.ts";
import { type ErrorFacts, problemSchema } from "./errors.ts";
import { createSchemas } from "./message-schemas.ts";
import { operationIds } from "./operation-ids.ts";
import { operation } from "./operations.ts";
import { describePath } from "./paths.ts";
import { defined, type Node } from "./schema.ts";

/** The inputs of a document. */
export interface DocumentOptions {
  /** The RPCs that are served as REST. */
  readonly methods: ReadonlySet<DescMethod>;
  /** The differences of the contracts' JSON from ProtoJSON. Default: none. */
  readonly json?: JsonRules;
  /** Comments of the contracts, which become descriptions. Default: none. */
  readonly comments?: Comments;
  readonly errors: ErrorFacts;
  /** Whether the policy of contracts applies: tokens, limits, idempotency. */
  readonly policy: boolean;
  readonly title: string;
  readonly version: string;
}

const describable = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/**
 * Returns the OpenAPI 3.1 document of RPCs with routes. Paths whose templates differ in the names of variables only are one path. A route for any
 * method is described as POST.
 */
export function openApiDocument(options: DocumentOptions): Node {
  const { comments = {}, policy, errors, title, version } = options;
  const form = new JsonForm(options.json);
  const services = new Set(Array.from(options.methods, ({ parent }) => parent));
  const { routes } = buildRoutes(services, (method) => options.methods.has(method), form);
  const schemas = createSchemas(form, comments);
  const ids = operationIds(routes);
  const clientNames = serviceNames(services);
  const firsts = new Map(routes.toReversed().map((route) => [route.method, route])); // The client calls the first binding.
  const paths = new Map<string, { readonly path: string; readonly item: Record<string, Node> }>();
  for (const route of routes) {
    const own = describePath(route);
    const known = paths.get(own.shape) ?? { path: own.path, item: {} };
    paths.set(own.shape, known);
    const method = describable.includes(route.httpMethod) ? route.httpMethod : "POST";
    // The parameters have the names that the path was first described with.
    const described = { ...own, path: known.path, parameters: renamed(own.parameters, known.path) };
    known.item[method.toLowerCase()] = operation(route, described, ids.get(route) ?? route.method.name, {
      schemas,
      comments,
      errors,
      policy,
      client: firsts.get(route.method) === route ? clientNames.get(route.method.parent) : undefined,
    });
  }
  return {
    openapi: "3.1.0",
    info: { title, version },
    servers: [{ url: "/" }],
    tags: Array.from(services, ({ typeName }) => defined({ name: typeName, description: comments[typeName] })),
    paths: Object.fromEntries([...paths.values()].map(({ path, item }) => [path, item])),
    components: {
      schemas: { ...schemas.components(), Problem: problemSchema },
      parameters,
      headers,
      ...(policy && { securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } }),
    },
  };
}

function renamed<P extends { readonly name: string }>(parameters: readonly P[], path: string): P[] {
  const names = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);
  return parameters.map((parameter, i) => ({ ...parameter, name: names[i] ?? parameter.name }));
}

const keySchema = { type: "string", minLength: 1, maxLength: 255, pattern: "^[!-~](?:[ -~]*[!-~])?$" };
const keyText = "Identifies the request. A repeated request with the same key receives the first response.";

const parameters: Node = {
  IdempotencyKey: { name: "Idempotency-Key", in: "header", description: keyText, schema: keySchema },
  IdempotencyKeyRequired: {
    name: "Idempotency-Key",
    in: "header",
    required: true,
    description: keyText,
    schema: keySchema,
  },
  IfMatch: {
    name: "If-Match",
    in: "header",
    description: "The `ETag` of the version that is changed. The call fails with 412 if the resource has another.",
    schema: { type: "string", pattern: '^(?:\\*|"[!#-~]*")$' },
  },
  LastEventId: {
    name: "Last-Event-ID",
    in: "header",
    description: "The id of the last event received. The stream continues after it.",
    schema: { type: "string", pattern: "^[0-9]{1,18}$" },
  },
  AcceptLanguage: {
    name: "Accept-Language",
    in: "header",
    description: "The language of error texts: en or de.",
    schema: { type: "string", default: "en", pattern: "^[ -~]*$" },
  },
};

const headers: Node = {
  ETag: { description: "The version of the resource.", schema: { type: "string" } },
  Location: { description: "The path of the created resource.", schema: { type: "string" } },
  RateLimit: { description: "The rest of the caller's limit.", schema: { type: "string" } },
  "Retry-After": { description: "Seconds to wait before the request is repeated.", schema: { type: "integer" } },
  "WWW-Authenticate": { description: "How to authenticate (RFC 6750).", schema: { type: "string" } },
  Allow: { description: "The methods of the path.", schema: { type: "string" } },
};
