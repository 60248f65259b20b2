import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isWellKnown } from "@kontor/proto-json";
import type { Route } from "@kontor/transcoder";
import type { Schemas } from "./message-schemas.ts";
import { ruled } from "./rule-schemas.ts";
import { defined, type Node } from "./schema.ts";

/** Returns the parameters of the query: fields that neither path nor body fill. Messages that contain themselves end there. */
export function queryParameters(route: Route, schemas: Schemas): Node[] {
  if (route.body.kind === "message") return [];
  const found: Node[] = [];
  const isBound = (path: readonly DescField[]) =>
    route.path.some(({ field }) => field.length === path.length && path.every((each, i) => field[i] === each));
  const visit = (message: DescMessage, at: readonly DescField[], within: readonly DescMessage[]) => {
    for (const field of message.fields) {
      const path = [...at, field];
      if (route.json.isWireOnly(field) || isBound(path)) continue;
      if (route.body.kind === "field" && route.body.field === path[0]) continue;
      if (field.fieldKind === "message" && !isWellKnown(field.message)) {
        if (!within.includes(field.message)) visit(field.message, path, [...within, field.message]);
      } else if (canBeText(field)) found.push(parameter(path, field, schemas));
    }
  };
  visit(route.method.input, [], [route.method.input]);
  return found;
}

function canBeText(field: DescField): boolean {
  if (field.fieldKind === "map") return false;
  return field.fieldKind !== "list" || field.message === undefined || isWellKnown(field.message);
}

function parameter(path: readonly DescField[], field: DescField, schemas: Schemas): Node {
  const { description, deprecated, ...schema } = schemas.of(field, "request");
  return defined({
    name: path.map(({ jsonName }) => jsonName).join("."),
    in: "query",
    description,
    deprecated,
    required: (path.length === 1 && ruled(field).required) || undefined,
    schema,
    ...(field.fieldKind === "list" && { style: "form", explode: true }),
  });
}
