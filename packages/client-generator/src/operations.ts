import type { DescField } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { idempotency, retry } from "@kontor/contracts/options/v1/options";
import { declaredOption, methodPolicy } from "@kontor/policy";
import type { Route } from "@kontor/transcoder";

/** Returns the entry of an RPC in the table of calls. */
export function operationText(route: Route, policy: boolean): string {
  const { method, body, responseField } = route;
  const key = policy ? declaredOption(method, idempotency) : undefined;
  const keyField = method.input.fields.find(({ name }) => name === key?.field)?.jsonName;
  const output = responseField?.message ?? method.output;
  const members = [
    `http: ${JSON.stringify(`${route.httpMethod === "*" ? "POST" : route.httpMethod} ${pathText(route)}`)}`,
    body.kind === "message" && `body: "*"`,
    body.kind === "field" && `body: ${JSON.stringify(body.field.jsonName)}`,
    policy && methodPolicy(method).auth.kind === "user" && "guarded: true",
    isSafe(route) && "safe: true",
    key && `key: ${JSON.stringify(keyField ?? "")}`,
    method.methodKind === "server_streaming" && "stream: true",
    output.typeName === "google.api.HttpBody" && "bytes: true",
  ];
  return `{ ${members.filter(Boolean).join(", ")} }`;
}

/** Returns whether a call may be repeated without a key: it only reads, or its contract says so. */
function isSafe({ method, httpMethod }: Route): boolean {
  if (declaredOption(method, retry) !== undefined) return true;
  return method.idempotency !== IdempotencyLevel.IDEMPOTENCY_UNKNOWN || httpMethod === "GET";
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
