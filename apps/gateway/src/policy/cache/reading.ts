import { toBinary } from "@bufbuild/protobuf";
import type { Principal } from "@kontor/policy";
import type { Call } from "@kontor/transcoder";
import type { CacheRule } from "./cache-rule.ts";

/**
 * Names the answers that a call may share: of its route, its message, what its principal may, and what it accepts. No part but the
 * last two has line breaks of its own, and the first of these says how long it is.
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

/** The answers that an event drops together. */
export function groupOf({ name, keyOf: key }: CacheRule, call: Call): string {
  return groupName(name, key?.(call.encoded ?? call.message));
}

/** The same, by the key of an event. */
export function groupName(rule: string, key: string | undefined): string {
  return key === undefined ? rule : `${rule}\n${key}`;
}
