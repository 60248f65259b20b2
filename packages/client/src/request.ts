import { ClientError } from "./errors.ts";
import type { Operation } from "./operation.ts";

/** What a body can be. A stream can be sent once only. */
export type RequestBody = string | Blob | ArrayBuffer | ReadableStream;

/** A request that is ready to be sent, once or again. */
export interface BuiltRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: RequestBody | undefined;
  /** The type of a body that is JSON. */
  readonly contentType: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const VARIABLE = /\{([^}=]+)(?:=([^}]*))?\}/g;

/**
 * Returns the request of a call: each field is in the path, the query or the body.
 *
 * @throws ClientError INVALID_ARGUMENT if a field of the path is absent, or does not fit the path.
 */
export function buildRequest(operation: Operation, request: Fields): BuiltRequest {
  const [method = "GET", template = "/"] = operation.http.split(" ");
  const bound: string[] = [];
  const path = template.replace(VARIABLE, (_, name: string, pattern = "*") => {
    bound.push(name);
    return pathValue(name, pattern, valueAt(request, name));
  });
  const rest = bound.reduce(without, request);
  const { body } = operation;
  if (body === "*") return { method, target: path, ...encoded(rest) };
  const { [body ?? ""]: content, ...others } = rest;
  const target = path + queryOf(body === undefined ? rest : others);
  return { method, target, ...(body === undefined ? { body: undefined, contentType: undefined } : encoded(content)) };
}

function encoded(content: unknown): Pick<BuiltRequest, "body" | "contentType"> {
  const isBytes = content instanceof Blob || content instanceof ArrayBuffer || content instanceof ReadableStream;
  if (isBytes) return { body: content, contentType: undefined };
  return content === undefined
    ? { body: undefined, contentType: undefined }
    : { body: JSON.stringify(content), contentType: "application/json" };
}

/** Escapes a value whole, `:` included: `a:cancel` is an id, and would be another RPC if its colon was not escaped. */
function pathValue(name: string, pattern: string, value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? `${value}` : "";
  const segments = pattern === "*" ? [text] : text.split("/");
  const shape = new RegExp(`^${pattern.replaceAll(/[.+^$()|[\]\\?]/g, "\\$&").replaceAll(/\*{1,2}/g, wildcard)}$`, "s");
  // Programs that read URLs resolve these, also when they are escaped.
  const isUsable = shape.test(text) && !segments.some((segment) => segment === "." || segment === "..");
  if (isUsable) return segments.map(encodeURIComponent).join("/");
  throw new ClientError(`The field "${name}" is ${JSON.stringify(value)}. The path needs a value like ${pattern}.`, {
    reason: "INVALID_ARGUMENT",
  });

  function wildcard(star: string): string {
    return pattern === "*" || star === "**" ? ".+" : "[^/]+";
  }
}

function valueAt(value: unknown, name: string): unknown {
  let found = value;
  for (const part of name.split(".")) found = isFields(found) ? found[part] : undefined;
  return found;
}

/** Returns a copy without one field, given by its path. */
function without(value: Fields, name: string): Fields {
  const [first = "", ...deeper] = name.split(".");
  const { [first]: own, ...others } = value;
  return deeper.length > 0 && isFields(own) ? { ...others, [first]: without(own, deeper.join(".")) } : others;
}

function queryOf(fields: Fields): string {
  const pairs: string[] = [];
  const add = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) for (const each of value) add(name, each);
    else if (isFields(value)) for (const [key, each] of Object.entries(value)) add(`${name}.${key}`, each);
    else pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  };
  for (const [name, value] of Object.entries(fields)) add(name, value);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
