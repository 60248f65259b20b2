import { MethodOptions_IdempotencyLevel as IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { idempotency, retry } from "@kontor/contracts/options/v1/options";
import { clientHttp } from "@kontor/openapi";
import { declaredOption, methodPolicy } from "@kontor/policy";
import type { Route } from "@kontor/transcoder";

/** Returns the entry of an RPC in the table of calls. */
export function operationText(route: Route, policy: boolean): string {
  const { method, body, responseField } = route;
  const key = policy ? declaredOption(method, idempotency) : undefined;
  const keyField = method.input.fields.find(({ name }) => name === key?.field)?.jsonName;
  const output = responseField?.message ?? method.output;
  const members = [
    `http: ${JSON.stringify(clientHttp(route))}`,
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
