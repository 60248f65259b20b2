import {
  type DescField,
  type DescMessage,
  type JsonValue,
  type Message,
  type Registry,
  toJson,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { formJson, type JsonForm, jsonFromWire, valueTypeOf } from "@kontor/proto-json";
import type { Answer } from "../call.ts";
import type { HttpBody } from "../gen/google/api/httpbody_pb.ts";
import { Status } from "../problems/code.ts";
import { RpcError } from "../problems/rpc-error.ts";
import { bytesOf, isHttpBody } from "../request/http-body.ts";
import type { Route } from "../routing/route.ts";

/** A body ready to be sent. */
export interface Rendered {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** The content type of JSON responses. */
const jsonType = "application/json; charset=utf-8";

/** Returns whether the response of the route is bytes that are sent unchanged. */
export function yieldsBytes({ method, responseField }: Route): boolean {
  if (responseField === undefined) return isHttpBody(method.output);
  return responseField.fieldKind === "message" && isHttpBody(responseField.message);
}

/** Returns the JSON of a response, directly from the wire format; undefined where it must be decoded to a message first. */
export function jsonOfAnswer(route: Route, bytes: Uint8Array): string | undefined {
  return yieldsBytes(route) ? undefined : jsonFromWire(route.method.output, bytes, route.responseField, route.json);
}

/** Renders a response; JSON is returned unchanged. */
export function renderAnswer(route: Route, answer: Answer, registry: Registry): Rendered {
  const { json } = answer; // Not the message, which may have to be made first.
  return json === undefined ? render(route, answer.message, registry) : { contentType: jsonType, body: json };
}

/** Renders a response message: JSON with default values, or bytes for `google.api.HttpBody`. */
export function render(route: Route, message: Message, registry: Registry): Rendered {
  if (yieldsBytes(route)) {
    const { contentType, data } = bytesOf(bytesMessage(route, message));
    return { contentType, body: data };
  }
  return { contentType: jsonType, body: JSON.stringify(jsonOf(route, message, registry)) };
}

/** Returns the bytes of a message of a `google.api.HttpBody` stream. Only its first message has the content type. */
export function dataOf(route: Route, message: Message): Uint8Array {
  return (bytesMessage(route, message) as HttpBody).data;
}

function bytesMessage({ method, responseField }: Route, message: Message): Message {
  if (responseField?.fieldKind !== "message") return message;
  return reflect(method.output, message).get(responseField).message;
}

/** A response message as JSON of the route, with default values. */
export function jsonOf({ method, responseField, json: form }: Route, message: Message, registry: Registry): JsonValue {
  const json = toFormJson(method.output, message, registry, form);
  if (responseField === undefined) return json;
  const part = (json as { readonly [key: string]: JsonValue })[responseField.jsonName];
  return part ?? emptyOf(responseField);
}

/**
 * @throws RpcError when JSON cannot express the response: a date after the year 9999, an Any of unknown type or a JSON number beyond 2^53
 */
function toFormJson(desc: DescMessage, message: Message, registry: Registry, form: JsonForm): JsonValue {
  try {
    return formJson(desc, toJson(desc, message, { registry, alwaysEmitImplicit: true }), form, registry);
  } catch (cause) {
    throw new RpcError(Status.INTERNAL, "The response has no form in JSON.", { transport: true, cause });
  }
}

/** A message that is not set is rendered as an empty one, so that the response keeps its shape. */
function emptyOf(field: DescField): JsonValue {
  const type = valueTypeOf(field);
  return field.fieldKind === "message" && type.kind === "message" ? {} : null;
}
