import { type DescField, type JsonValue, type Message, type Registry, toJson } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { bytesOf, isHttpBody } from "./http-body.ts";
import type { Route } from "./route.ts";
import { valueTypeOf } from "./value-type.ts";

/** A body ready to be sent. */
export interface Rendered {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** The content type of JSON answers. */
export const jsonType = "application/json; charset=utf-8";

/** Whether the answer of the route is bytes as they are. */
export function yieldsBytes({ method, responseField }: Route): boolean {
  if (responseField === undefined) return isHttpBody(method.output);
  return responseField.fieldKind === "message" && isHttpBody(responseField.message);
}

/** Renders a response message: ProtoJSON with default values, or bytes for `google.api.HttpBody`. */
export function render(route: Route, message: Message, registry: Registry): Rendered {
  if (yieldsBytes(route)) {
    const { contentType, data } = bytesOf(bytesMessage(route, message));
    return { contentType, body: data };
  }
  return { contentType: jsonType, body: JSON.stringify(jsonOf(route, message, registry)) };
}

function bytesMessage({ method, responseField }: Route, message: Message): Message {
  if (responseField?.fieldKind !== "message") return message;
  return reflect(method.output, message).get(responseField).message;
}

/** A response message as ProtoJSON with default values. */
export function jsonOf({ method, responseField }: Route, message: Message, registry: Registry): JsonValue {
  const json = toJson(method.output, message, { registry, alwaysEmitImplicit: true });
  if (responseField === undefined) return json;
  const part = (json as { readonly [key: string]: JsonValue })[responseField.jsonName];
  return part ?? emptyOf(responseField);
}

/** A message that is not set is rendered as an empty one, so that the answer keeps its shape. */
function emptyOf(field: DescField): JsonValue {
  const type = valueTypeOf(field);
  return field.fieldKind === "message" && type.kind === "message" ? {} : null;
}
