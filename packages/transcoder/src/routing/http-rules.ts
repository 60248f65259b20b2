import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "../gen/google/api/annotations_pb.ts";
import type { HttpRule } from "../gen/google/api/http_pb.ts";

/** A contract that cannot be served. Its message names the file, the RPC and the reason. */
export class RouteError extends Error {
  constructor(method: DescMethod, reason: string) {
    super(`${method.parent.file.proto.name}: ${method.parent.typeName}.${method.name}: ${reason}`);
    this.name = "RouteError";
  }
}

/** One binding of an RPC, as written in its `google.api.http` option. */
export interface Binding {
  /** An HTTP method in capitals, or `*` for any. */
  readonly httpMethod: string;
  readonly path: string;
  readonly body: string;
  readonly responseBody: string;
}

/** The bindings of an RPC: none when it carries no `google.api.http`. @throws RouteError */
export function bindingsOf(method: DescMethod): Binding[] {
  if (!hasOption(method, http)) return [];
  const rule = getOption(method, http);
  return [
    binding(method, rule),
    ...rule.additionalBindings.map((additional) => {
      if (additional.additionalBindings.length > 0) throw new RouteError(method, "additional bindings must not nest");
      return binding(method, additional);
    }),
  ];
}

function binding(method: DescMethod, rule: HttpRule): Binding {
  const { body, responseBody, pattern } = rule;
  switch (pattern.case) {
    case undefined:
      throw new RouteError(method, "the google.api.http rule has no pattern");
    case "custom": {
      const { kind, path } = pattern.value;
      if (kind !== "*" && !/^[A-Z][A-Z-]*$/.test(kind)) throw new RouteError(method, `"${kind}" is not an HTTP method`);
      return { httpMethod: kind, path, body, responseBody };
    }
    default:
      return { httpMethod: pattern.case.toUpperCase(), path: pattern.value, body, responseBody };
  }
}
