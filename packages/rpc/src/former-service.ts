import type { DescMethod, DescService } from "@bufbuild/protobuf";

/** Returns the full name that a service had in the version before; undefined if it had the same. */
export type FormerNameOf = (typeName: string) => string | undefined;

const known = new WeakMap<FormerNameOf, WeakMap<DescService, DescService | null>>();

/** Returns a service under its former name, with the messages of today; undefined if it had no other name. */
export function formerService(service: DescService, formerNameOf: FormerNameOf | undefined): DescService | undefined {
  if (formerNameOf === undefined) return undefined;
  const made = known.get(formerNameOf) ?? new WeakMap<DescService, DescService | null>();
  known.set(formerNameOf, made);
  let former = made.get(service);
  if (former === undefined) {
    const typeName = formerNameOf(service.typeName);
    former = typeName === undefined ? null : named(service, typeName);
    made.set(service, former);
  }
  return former ?? undefined;
}

/**
 * Returns an RPC of a service under its former name; undefined if the service had no other name.
 *
 * ```ts
 * import { OrdersService } from "@kontor/sample";
 * const former = formerMethod(OrdersService.method.getOrder, (name) => name.replace("sample.", "before."));
 * former?.parent.typeName; // "before.v1.OrdersService"
 * ```
 */
export function formerMethod({ parent, localName }: DescMethod, formerNameOf?: FormerNameOf): DescMethod | undefined {
  return formerService(parent, formerNameOf)?.method[localName];
}

function named(service: DescService, typeName: string): DescService {
  const former: DescService = { ...service, typeName, methods: [], method: {} };
  for (const method of service.methods) {
    const own: DescMethod = { ...method, parent: former };
    former.methods.push(own);
    former.method[method.localName] = own;
  }
  return former;
}
