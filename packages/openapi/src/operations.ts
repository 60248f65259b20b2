import type { DescMethod } from "@bufbuild/protobuf";
import { cache, entity_tag, idempotency, location, rate_limit } from "@kontor/contracts/options/v1/options";
import { declaredOption, methodPolicy, methodStatuses } from "@kontor/policy";
import type { Route } from "@kontor/transcoder";
import { clientCall } from "./client-calls.ts";
import { type Comments, methodName } from "./comments.ts";
import { type ErrorFacts, errorResponses } from "./errors.ts";
import type { Schemas } from "./message-schemas.ts";
import type { DescribedPath } from "./paths.ts";
import { queryParameters } from "./query-parameters.ts";
import { ruled } from "./rule-schemas.ts";
import { defined, type Node, type Schema } from "./schema.ts";

/** The inputs of the descriptions of operations. */
export interface OperationOptions {
  readonly schemas: Schemas;
  readonly comments: Comments;
  readonly errors: ErrorFacts;
  /** Whether the policy of contracts applies. Without it every RPC is public. */
  readonly policy: boolean;
  /** The name of the service in the typed client, if the client calls this route. */
  readonly client: string | undefined;
}

/** Returns the operation of a route. */
export function operation(route: Route, described: DescribedPath, id: string, options: OperationOptions): Node {
  const { method } = route;
  const { schemas, policy, comments } = options;
  const comment = comments[methodName(method)] ?? "";
  const auth = policy ? methodPolicy(method).auth : undefined;
  const isGuarded = auth?.kind === "user";
  const key = policy ? declaredOption(method, idempotency) : undefined;
  const body = requestBody(route, schemas, policy);
  const limit = declaredOption(method, rate_limit);
  const fresh = declaredOption(method, cache)?.ttl;
  return defined({
    operationId: id,
    tags: [method.parent.typeName],
    summary: firstSentence(comment) || undefined,
    description: comment || undefined,
    deprecated: method.proto.options?.deprecated || undefined,
    security: isGuarded ? [...(auth.guests ? [{}] : []), { bearer: auth.scopes }] : [],
    parameters: [
      ...pathParameters(described, route, schemas),
      ...queryParameters(route, schemas),
      ...headerParameters(method, policy),
    ],
    requestBody: body,
    responses: {
      ...successResponses(route, schemas, comments),
      ...errorResponses(
        {
          method,
          comment,
          hasBody: body !== undefined,
          isGuarded,
          hasKey: key !== undefined,
          hasVersion: Boolean(declaredOption(method, entity_tag)?.ifMatchField),
        },
        options.errors,
      ),
    },
    "x-grpc-method": `${method.parent.typeName}/${method.name}`,
    "x-client":
      options.client !== undefined && method.methodKind !== "bidi_streaming"
        ? clientCall(route, options.client)
        : undefined,
    "x-owner-field": auth?.ownerField,
    "x-rate-limit-class": policy ? limit?.class || "default" : undefined,
    "x-cache-seconds": policy && fresh ? Number(fresh.seconds) : undefined,
  });
}

function firstSentence(text: string): string {
  return /^[^.]*(?:\.(?!\s|$)[^.]*)*\.?/.exec(text.replaceAll("\n", " "))?.[0] ?? "";
}

function pathParameters({ parameters }: DescribedPath, { path }: Route, schemas: Schemas): Node[] {
  return parameters.map(({ name, schema, rest, field }) => {
    const leaf = path.find(({ variable }) => variable.path.join(".") === field.join("."))?.field.at(-1);
    // A value of several parts is not described by the rules of the whole field.
    const isWhole = name === field.join("_") && leaf !== undefined && !rest;
    const { description, ...rules } = isWhole ? schemas.of(leaf, "request") : schema;
    const note = rest ? "It may contain slashes." : undefined;
    return defined({
      name,
      in: "path",
      required: true,
      description: [description, note].filter(Boolean).join(" ") || undefined,
      schema: rules,
    });
  });
}

function headerParameters(method: DescMethod, policy: boolean): Node[] {
  const key = policy ? declaredOption(method, idempotency) : undefined;
  const isVersioned = policy && Boolean(declaredOption(method, entity_tag)?.ifMatchField);
  return [
    ...(key
      ? [
          {
            $ref: `#/components/parameters/${key.required && !key.field ? "IdempotencyKeyRequired" : "IdempotencyKey"}`,
          },
        ]
      : []),
    ...(isVersioned ? [{ $ref: "#/components/parameters/IfMatch" }] : []),
    ...(method.methodKind === "server_streaming" ? [{ $ref: "#/components/parameters/LastEventId" }] : []),
    { $ref: "#/components/parameters/AcceptLanguage" },
  ];
}

function requestBody(route: Route, schemas: Schemas, policy: boolean): Node | undefined {
  const { body, method } = route;
  if (body.kind === "none" || method.methodKind === "bidi_streaming") return undefined;
  const schema = bodySchema(route, schemas, policy);
  const isStream = method.methodKind === "client_streaming";
  const types = isStream ? ["application/x-ndjson"] : ["application/json"];
  const content = Object.fromEntries(types.map((type) => [type, { schema }]));
  return defined({
    required: needsBody(route, schema) || undefined,
    description: isStream ? "One JSON message a line." : undefined,
    content: isStream ? { ...content, "application/json": { schema: { type: "array", items: schema } } } : content,
  });
}

/** Returns whether a request must have a body. A request without one is one whose fields are not set. */
function needsBody({ body, method }: Route, schema: Schema): boolean {
  if (body.kind === "field") return ruled(body.field).required;
  return "$ref" in schema ? method.input.fields.some((field) => ruled(field).required) : "required" in schema;
}

function bodySchema({ body, path, method }: Route, schemas: Schemas, policy: boolean): Schema {
  const { input } = method;
  if (body.kind === "field") {
    const within = new Set(
      path.flatMap(({ field: [first, second] }) => (first === body.field && second ? [second] : [])),
    );
    const { message } = body.field;
    if (within.size === 0 || !message) return schemas.of(body.field, "request");
    // The path carries these fields, and the body must not contradict it.
    return schemas.object(
      message,
      message.fields.filter((field) => !within.has(field)),
      "request",
    );
  }
  const bound = new Set(path.filter(({ field }) => field.length === 1).map(({ field }) => field[0]));
  const key = policy ? declaredOption(method, idempotency)?.field : undefined;
  const fields = input.fields.filter((field) => !bound.has(field));
  if (fields.length === input.fields.length && !key) return schemas.message(input, "request");
  const { required, ...object } = schemas.object(input, fields, "request");
  // The header may carry the key instead.
  const keyName = input.fields.find(({ name }) => name === key)?.jsonName;
  const needed = Array.isArray(required) ? required.filter((name) => name !== keyName) : [];
  return { ...object, ...(needed.length > 0 && { required: needed }) };
}

function successResponses(route: Route, schemas: Schemas, comments: Comments): Node {
  const { method, responseField } = route;
  const status = String(methodStatuses(method).success ?? 200);
  const schema = responseField ? schemas.of(responseField, "response") : schemas.message(method.output, "response");
  const description = comments[method.output.typeName] ?? "The response.";
  const headers = defined({
    ETag: declaredOption(method, entity_tag)?.field ? { $ref: "#/components/headers/ETag" } : undefined,
    Location: declaredOption(method, location) ? { $ref: "#/components/headers/Location" } : undefined,
    RateLimit: { $ref: "#/components/headers/RateLimit" },
  });
  if (method.methodKind === "bidi_streaming")
    return {
      "101": {
        description: "The connection becomes a WebSocket; each text frame is one message.",
        "x-message": schema,
      },
    };
  if (method.methodKind === "server_streaming")
    return {
      [status]: {
        description: `${description} A stream: each event or line is one message.`,
        headers,
        content: {
          "text/event-stream": { schema },
          "application/x-ndjson": { schema },
          "application/json": { schema: { type: "array", items: schema } },
        },
      },
    };
  if (method.output.typeName === "google.api.HttpBody")
    return { [status]: { description, headers, content: { "*/*": { schema } } } };
  return { [status]: { description, headers, content: { "application/json": { schema } } } };
}
