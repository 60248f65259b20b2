import { methodPolicy } from "@kontor/policy";
import type { Identity } from "./identities.ts";
import type { Seen } from "./upstream.ts";

/** Services that the gateway itself implements, by calls of other services. */
const own = "shop.gateway.";

/** Returns the call that an upstream received without this identity having the right to it; undefined if none. */
export function trespassOf({ name, principal }: Identity, seen: readonly Seen[], asked: string): string | undefined {
  for (const { method, message } of seen) {
    const { kind, scopes, guests, owner, ownerBypassScope = "" } = methodPolicy(method).auth;
    if (kind === "public" || (guests && principal === undefined) || (asked.startsWith(own) && principal !== undefined))
      continue;
    const held = principal?.scopes ?? new Set<string>();
    const mayAny = scopes.every((scope) => held.has(scope)) && kind === "user" && principal !== undefined;
    const mayThis = owner === undefined || owner(message) === principal?.subject || held.has(ownerBypassScope);
    if (!mayAny || !mayThis) return `${name} reached ${method.parent.typeName}/${method.name}`;
  }
  return undefined;
}
