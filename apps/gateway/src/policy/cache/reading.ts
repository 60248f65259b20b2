import { toBinary } from "@bufbuild/protobuf";
import type { Principal } from "@kontor/policy";
import type { Call } from "@kontor/transcoder";
import type { CacheRule } from "./cache-rule.ts";

/**
 * Returns the cache key of a call: its route, its message, the rights of its principal, and the forms that it accepts. Only the last two
 * parts may contain line breaks, and the first of these has its length.
 */
export function keyOf(
  rule: CacheRule,
  call: Call,
  principal: Principal | undefined,
  varying: readonly string[],
): string {
  const { request, found } = call;
  const { httpMethod, pattern } = found.route;
  const whose = rule.perPrincipal && principal ? [principal.subject, ...[...principal.scopes].sort()].join(" ") : "";
  let key = `${rule.name}\n${httpMethod} ${pattern}`;
  for (const name of varying) key += `\n${request.headers[name] ?? ""}`;
  return `${key}\n${whose.length} ${whose}\n${bytesOf(call)}`;
}

function bytesOf(call: Call): string {
  const { buffer, byteOffset, byteLength } = call.encoded ?? toBinary(call.method.input, call.message);
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}

/** Returns the group of responses that an event drops together. */
export function groupOf({ name, keyOf: key }: CacheRule, call: Call): string {
  return groupName(name, key?.(call.encoded ?? call.message));
}

/** The same, by the key of an event. */
export function groupName(rule: string, key: string | undefined): string {
  return key === undefined ? rule : `${rule}\n${key}`;
}
