import { createHash } from "node:crypto";

/** The parts of a route that form its id. */
export interface Identified {
  readonly method: { readonly name: string; readonly parent: { readonly typeName: string } };
  readonly httpMethod: string;
  readonly pattern: string;
}

/**
 * Returns an id for each route, unique in the document. The id of an RPC belongs to its first path by alphabet; others add their method and a
 * hash of their path, so an added binding does not change the ids of the rest.
 */
export function operationIds<R extends Identified>(routes: readonly R[]): ReadonlyMap<R, string> {
  const ids = new Map<R, string>();
  const byMethod = Map.groupBy(routes, ({ method }) => method);
  const names = Map.groupBy(byMethod.keys(), ({ name }) => name);
  for (const [method, bindings] of byMethod) {
    const isShared = (names.get(method.name)?.length ?? 0) > 1;
    const name = isShared ? `${method.parent.typeName.replaceAll(".", "_")}_${method.name}` : method.name;
    const [first, ...others] = bindings.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    if (first) ids.set(first, name);
    for (const other of others) ids.set(other, `${name}_${other.httpMethod.toLowerCase()}_${hashOf(keyOf(other))}`);
  }
  return ids;
}

function keyOf({ pattern, httpMethod }: Identified): string {
  return `${pattern} ${httpMethod}`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 6);
}
