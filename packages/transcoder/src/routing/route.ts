import type { DescField, DescMethod } from "@bufbuild/protobuf";
import { isWellKnown, type JsonForm, protoJson } from "@kontor/proto-json";
import { type FieldPath, nameOf } from "./field-path.ts";
import { type Binding, RouteError } from "./http-rules.ts";
import { parseTemplate, shapeOf, type Template, type Variable } from "./template.ts";

/**
 * The target of the body: none, the whole request message, or one of its fields. Each message of a stream is a body. Those of a
 * bidirectional stream need no `body` in the contract, because a WebSocket begins with a GET.
 */
export type BodyTarget =
  | { readonly kind: "none" }
  | { readonly kind: "message" }
  | { readonly kind: "field"; readonly field: DescField };

/** A variable of the path and the field that it writes. */
export interface PathBinding {
  /** The variable in the template of the path. */
  readonly variable: Variable;
  /** The field of the request message. */
  readonly field: FieldPath;
}

/** One way to call an RPC over HTTP, with the source of every request field decided. */
export interface Route {
  /** The RPC. */
  readonly method: DescMethod;
  /** Such as `GET`. */
  readonly httpMethod: string;
  /** The template as written in the contract: a name for logs and metrics. */
  readonly pattern: string;
  readonly template: Template;
  readonly path: readonly PathBinding[];
  readonly body: BodyTarget;
  /** The one field of the response message that is sent; the whole message when absent. */
  readonly responseField: DescField | undefined;
  /** Where its JSON differs from ProtoJSON. */
  readonly json: JsonForm;
}

/** Builds the route of a binding. @throws RouteError naming file, RPC and reason */
export function buildRoute(method: DescMethod, binding: Binding, json: JsonForm = protoJson): Route {
  const refuse = (reason: string): never => {
    throw new RouteError(method, `${binding.httpMethod} ${binding.path}: ${reason}`);
  };
  const reason = json.refusalOf(method.input) ?? json.refusalOf(method.output);
  if (reason !== undefined) refuse(reason);
  const template = parse(binding.path, refuse);
  const body = bodyTarget(method, binding.body, refuse);
  if (body.kind !== "none" && withoutBody.has(binding.httpMethod)) refuse(`${binding.httpMethod} takes no body`);
  const path = template.variables.map((variable) => ({ variable, field: resolve(method, variable, refuse) }));
  if (body.kind === "field" && path.some(({ field }) => field.length === 1 && field[0] === body.field))
    refuse(`the path binds the field "${body.field.name}", which the body names`);
  if (body.kind === "none" && method.methodKind === "client_streaming") refuse("a stream of requests needs a body");
  return {
    method,
    httpMethod: binding.httpMethod,
    pattern: binding.path,
    template,
    path,
    body: body.kind === "none" && method.methodKind === "bidi_streaming" ? { kind: "message" } : body,
    responseField: binding.responseBody === "" ? undefined : responseField(method, binding.responseBody, refuse),
    json,
  };
}

/** Methods whose requests carry no content: RFC 9110, section 9.3, gives it no meaning, and AIP-135 forbids it for DELETE. */
const withoutBody: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE"]);

/** The requests that a route claims, equal for routes that cannot both exist. */
function claimOf(route: Route): string {
  return `${route.httpMethod} ${shapeOf(route.template)}`;
}

type Refuse = (reason: string) => never;

function parse(path: string, refuse: Refuse): Template {
  try {
    return parseTemplate(path);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function resolve(method: DescMethod, variable: Variable, refuse: Refuse): FieldPath {
  const name = variable.path.join(".");
  const path: DescField[] = [];
  let message = method.input;
  for (const [i, step] of variable.path.entries()) {
    const field = message.fields.find((f) => f.name === step);
    if (field === undefined) return refuse(`the variable "${name}" names no field of ${message.typeName}`);
    path.push(field);
    if (i === variable.path.length - 1) {
      if (field.fieldKind === "scalar" || field.fieldKind === "enum") return path;
      return refuse(
        `the variable "${name}" names a ${field.fieldKind === "list" ? "repeated" : field.fieldKind} field`,
      );
    }
    if (field.fieldKind !== "message") return refuse(`"${step}" in the variable "${name}" is not a message`);
    if (isWellKnown(field.message)) return refuse(`the variable "${name}" reaches into ${field.message.typeName}`);
    message = field.message;
  }
  return refuse("a variable has no name");
}

function bodyTarget(method: DescMethod, body: string, refuse: Refuse): BodyTarget {
  if (body === "") return { kind: "none" };
  if (body === "*") return { kind: "message" };
  if (body.includes(".")) return refuse(`the body "${body}" is nested`);
  const field = method.input.fields.find((f) => f.name === body);
  if (field === undefined) return refuse(`the body "${body}" names no field of ${method.input.typeName}`);
  if (field.fieldKind === "map") return refuse(`the body "${body}" names a map field`);
  if (field.fieldKind === "list") return refuse(`the body "${body}" names a repeated field`);
  return { kind: "field", field };
}

function responseField(method: DescMethod, name: string, refuse: Refuse): DescField {
  const field = method.output.fields.find((f) => f.name === name);
  return field ?? refuse(`the response body "${name}" names no field of ${method.output.typeName}`);
}

/** Returns a route as one line, for logs and messages. */
export function describeRoute(route: Route): string {
  const bound = route.path.map(({ field }) => nameOf(field)).join(", ");
  return `${claimOf(route)} -> ${route.method.parent.typeName}.${route.method.name}${bound === "" ? "" : ` (${bound})`}`;
}
