import { create, type Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { type Json, type JsonLimits, type JsonReader, parseStrictJson } from "@kontor/proto-json";
import { badBody, badJson } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";
import type { Route } from "../routing/route.ts";
import type { Found } from "../routing/route-table.ts";
import { bindPath, bindPlainPath, hasPlainPath } from "./bind-path.ts";
import { bindQuery, parseQuery } from "./bind-query.ts";
import { httpBody, isHttpBody } from "./http-body.ts";
import { isMergePatch, requireMergeable } from "./merge-patch.ts";
import { fillPatchMask } from "./patch-mask.ts";
import { mayRequire, requireFields } from "./required-fields.ts";

/** The parts of a request that a message is built from. */
export interface RequestParts {
  readonly found: Found;
  /** The raw query, without the question mark. */
  readonly query: string;
  /** Absent when the request has no body. */
  readonly body: Uint8Array | undefined;
  readonly contentType: string | undefined;
}

/** Returns whether the body of the route is forwarded as bytes instead of being read as JSON. Frames of a WebSocket are always JSON. */
export function takesBytes(route: Route): boolean {
  if (route.method.methodKind === "bidi_streaming") return false;
  if (route.body.kind === "message") return isHttpBody(route.method.input);
  return (
    route.body.kind === "field" && route.body.field.fieldKind === "message" && isHttpBody(route.body.field.message)
  );
}

/** Builds the request message: first the body, then the path, then the query. @throws HttpError 400 */
export function buildRequest(
  parts: RequestParts,
  reader: JsonReader,
  limits: JsonLimits,
  ignoreUnknownQuery: boolean,
): Message {
  const { route } = parts.found;
  const { message, json } = fromBody(route, parts, reader, limits);
  if (parts.query === "" && isSimple(route)) {
    bindPlainPath(parts.found, message);
    return message;
  }
  const merges = isMergePatch(route, parts.contentType ?? "");
  const reflected = reflect(route.method.input, message);
  bindPath(parts.found, reflected, json);
  bindQuery(route, reflected, parseQuery(parts.query), reader, ignoreUnknownQuery);
  if (merges) requireMergeable(route, json);
  fillPatchMask(route, reflected, json, merges);
  requireFields(reflected, route);
  return message;
}

/** Whether a message of the route is complete with its body alone, or with its path alone. */
function isSimple(route: Route): boolean {
  if (route.httpMethod === "PATCH" || mayRequire(route.method.input)) return false;
  return route.body.kind === "none" ? hasPlainPath(route) : route.path.length === 0;
}

function fromBody(
  route: Route,
  { body, contentType = "" }: RequestParts,
  reader: JsonReader,
  limits: JsonLimits,
): { message: Message; json: Json | undefined } {
  const desc = route.method.input;
  const message = create(desc);
  if (body === undefined || route.body.kind === "none") return { message, json: undefined };
  if (takesBytes(route)) {
    const bytes = { contentType, data: body };
    if (route.body.kind === "message") return { message: httpBody(desc, bytes).message, json: undefined };
    const { field } = route.body;
    if (field.fieldKind === "message") reflect(desc, message).set(field, httpBody(field.message, bytes));
    return { message, json: undefined };
  }
  try {
    const json = parseStrictJson(body, limits);
    if (route.body.kind === "message") return { message: reader.message(desc, json), json };
    if (json === null) throw badBody("", say("NO_BODY"));
    reader.field(reflect(desc, message), route.body.field, json);
    return { message, json };
  } catch (error) {
    throw badJson(error);
  }
}
