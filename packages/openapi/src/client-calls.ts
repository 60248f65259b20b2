import type { DescField } from "@bufbuild/protobuf";
import type { Route } from "@kontor/transcoder";

/** The parts of a service that its name is made of. */
interface Named {
  readonly name: string;
  readonly typeName: string;
}

/**
 * Returns a name for each service: `orders` for `shop.orders.v1.OrdersService`, `ordersV2` for its next version. A service whose name is taken
 * is named after its package, too.
 */
export function serviceNames<S extends Named>(services: Iterable<S>): ReadonlyMap<S, string> {
  const names = new Map<S, string>();
  for (const service of [...services].toSorted((a, b) => (a.typeName < b.typeName ? -1 : 1))) {
    const version = /\.(v\d\w*)\.[^.]*$/.exec(service.typeName)?.[1] ?? "v1";
    const base = service.name.replace(/(?<=.)Service$/, "");
    const name = lower(base) + (version === "v1" ? "" : version.toUpperCase());
    const isTaken = [...names.values()].includes(name);
    names.set(service, isTaken ? lower(joined(service.typeName.replace(/Service$/, "").split("."))) : name);
  }
  return names;
}

function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function joined(parts: readonly string[]): string {
  return parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");
}

/** Returns method and path of a route as the typed client has them, with variables by their JSON names. */
export function clientHttp(route: Route): string {
  return `${route.httpMethod === "*" ? "POST" : route.httpMethod} ${pathText(route)}`;
}

/** Returns how the typed client calls a route, for tools that show calls. */
export function clientCall(route: Route, service: string): { call: string; http: string; body?: string } {
  const { body, method } = route;
  return {
    call: `${service}.${method.localName}`,
    http: clientHttp(route),
    ...(body.kind === "message" && { body: "*" }),
    ...(body.kind === "field" && { body: body.field.jsonName }),
  };
}

/** Returns the path with variables by their JSON names, without the pattern of those that match one part. */
function pathText({ template, path }: Route): string {
  const parts: string[] = [];
  for (let i = 0; i < template.segments.length; i++) {
    const bound = path.find(({ variable }) => variable.start === i);
    if (!bound) {
      parts.push(segmentText(template.segments[i]));
      continue;
    }
    const { start, end, rest } = bound.variable;
    const own = template.segments.slice(start, rest ? undefined : end);
    const pattern = own.map(segmentText).join("/");
    parts.push(pattern === "*" ? `{${jsonPath(bound.field)}}` : `{${jsonPath(bound.field)}=${pattern}}`);
    i += Math.max(0, own.length - 1);
  }
  return `/${parts.join("/")}${template.verb === "" ? "" : `:${template.verb}`}`;
}

function segmentText(segment: Route["template"]["segments"][number] | undefined): string {
  if (segment === undefined) return "";
  if (segment.kind === "literal") return encodeURIComponent(segment.text).replaceAll("%40", "@");
  return segment.kind === "rest" ? "**" : "*";
}

function jsonPath(path: readonly DescField[]): string {
  return path.map(({ jsonName }) => jsonName).join(".");
}
