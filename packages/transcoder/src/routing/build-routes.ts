import { METHODS } from "node:http";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type JsonForm, protoJson } from "@kontor/proto-json";
import { acceptPatchOf } from "../request/body-types.ts";
import { bindingsOf, RouteError } from "./http-rules.ts";
import { buildRoute, type Route } from "./route.ts";
import { RouteTable } from "./route-table.ts";
import { shapeOf } from "./template.ts";

/** Builds the routes of all annotated RPCs. @throws RouteError when one of them cannot be served */
export function buildRoutes(
  services: Iterable<DescService>,
  exposes: (method: DescMethod) => boolean,
  json: JsonForm = protoJson,
): { routes: readonly Route[]; table: RouteTable; sockets: RouteTable; patchTypes: ReadonlyMap<Route, string> } {
  const routes: Route[] = [];
  const table = new RouteTable();
  const sockets = new RouteTable();
  for (const service of services) {
    for (const method of service.methods) {
      const bindings = bindingsOf(method);
      if (bindings.length === 0 || !exposes(method)) continue;
      for (const binding of bindings) {
        const route = buildRoute(method, binding, json);
        checkServable(route);
        const isSocket = method.methodKind === "bidi_streaming";
        const claimed = table.add(route) ?? (isSocket ? sockets.add({ ...route, httpMethod: "GET" }) : undefined);
        if (claimed !== undefined) {
          const other = `${claimed.method.parent.typeName}.${claimed.method.name} in ${claimed.method.parent.file.proto.name}`;
          throw new RouteError(method, `${binding.httpMethod} ${binding.path} is already claimed by ${other}`);
        }
        routes.push(route);
      }
    }
  }
  return { routes, table, sockets, patchTypes: patchTypesOf(routes) };
}

/** Returns the `Accept-Patch` of each route whose path a PATCH has too. */
function patchTypesOf(routes: readonly Route[]): ReadonlyMap<Route, string> {
  const byShape = new Map<string, string>();
  for (const route of routes) {
    const types = acceptPatchOf(route);
    if (types !== undefined) byShape.set(shapeOf(route.template), types);
  }
  const found = new Map<Route, string>();
  for (const route of routes) {
    const types = byShape.get(shapeOf(route.template));
    if (types !== undefined) found.set(route, types);
  }
  return found;
}

function checkServable({ httpMethod, method }: Route): void {
  if (httpMethod !== "*" && (httpMethod === "CONNECT" || !METHODS.includes(httpMethod))) {
    throw new RouteError(method, `no HTTP server here understands the method ${httpMethod}`);
  }
}
