import type { DescMethod, Registry } from "@bufbuild/protobuf";
import { declaresAuth, type MethodAuth, methodPolicy } from "./method-policy.ts";

/**
 * Lists how a change of contracts admits more callers than before, one sentence each, sorted. New RPCs, removed RPCs and services without
 * policies are skipped.
 */
export function loosenedAccess(before: Registry, after: Registry): string[] {
  return [...methods(before)]
    .flatMap(([name, old]) => {
      const now = methods(after).get(name);
      if (now === undefined) return [];
      const ways = loosened(methodPolicy(old).auth, methodPolicy(now).auth);
      return ways.map((way) => `${name}: ${way}`);
    })
    .sort();
}

const reach = { internal: 0, user: 1, public: 2 } as const;

function loosened(old: MethodAuth, now: MethodAuth): string[] {
  if (reach[now.kind] > reach[old.kind]) return [`it was ${nameOf(old)} and is ${nameOf(now)}.`];
  if (now.kind !== old.kind) return [];
  return [
    ...old.scopes.filter((scope) => !now.scopes.includes(scope)).map((scope) => `the scope ${scope} is gone.`),
    ...now.callers.filter((caller) => !old.callers.includes(caller)).map((caller) => `${caller} may call it, too.`),
    ...(now.guests && !old.guests ? ["callers without a token are let in, too."] : []),
    ...ownership(old, now),
  ];
}

function ownership(old: MethodAuth, now: MethodAuth): string[] {
  if (old.ownerField === undefined) return [];
  if (now.ownerField === undefined) return [`${old.ownerField} need not be the caller any more.`];
  if (now.ownerField !== old.ownerField) return [`the owner is in ${now.ownerField} instead of ${old.ownerField}.`];
  const bypass = now.ownerBypassScope;
  if (bypass === undefined || bypass === old.ownerBypassScope) return [];
  return [`with the scope ${bypass} one need not be the owner.`];
}

function nameOf({ kind }: MethodAuth): string {
  return { internal: "for services", user: "for users", public: "public" }[kind];
}

function methods(registry: Registry): Map<string, DescMethod> {
  const services = [...registry].filter((type) => type.kind === "service");
  const all = services.flatMap((service) => service.methods).filter(declaresAuth);
  return new Map(all.map((method) => [`${method.parent.typeName}/${method.name}`, method]));
}
