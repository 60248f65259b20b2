import type { RawPath } from "./raw-path.ts";
import type { Route } from "./route.ts";

/** The routes of a path, one per HTTP method, and the decoded segments that contain its variables. */
export interface Found {
  readonly route: Route;
  readonly segments: readonly string[];
  readonly kept: readonly string[];
}

/** The result of a lookup: a route, or the methods that the path has. Both absent: the path is unknown. */
export type Lookup = { readonly found: Found } | { readonly allow: readonly string[] } | undefined;

type Methods = Map<string, Route>;

interface Node {
  readonly literals: Map<string, Node>;
  one: Node | undefined;
  /** Routes that end here, by verb. */
  readonly ends: Map<string, Methods>;
  /** Routes whose `**` starts here, by verb. */
  readonly rests: Map<string, Methods>;
}

/**
 * A trie over the segments of all routes. A literal wins over `*`, which wins over `**`, in any order of registration. A node is visited at
 * most once in a lookup, so the cost is bounded by the routes and linear in the segments.
 */
export class RouteTable {
  readonly #root = node();

  /** Adds a route. Returns the route that already claims the same requests, which then remains. */
  add(route: Route): Route | undefined {
    let at = this.#root;
    let place = at.ends;
    for (const segment of route.template.segments) {
      if (segment.kind === "rest") {
        place = at.rests;
        break;
      }
      at = segment.kind === "literal" ? literalChild(at, segment.text) : oneChild(at);
      place = at.ends;
    }
    const methods = place.get(route.template.verb) ?? new Map<string, Route>();
    place.set(route.template.verb, methods);
    const claimed = methods.get(route.httpMethod);
    if (claimed === undefined) methods.set(route.httpMethod, route);
    return claimed;
  }

  /** Finds the route of a request. A verb that any route of the path has is a verb, every other one is data. */
  find(httpMethod: string, path: RawPath): Lookup {
    if (path.verbless !== undefined) {
      const withVerb = this.#resolve(httpMethod, path.verbless.segments, path.verbless.kept, path.verbless.verb);
      if (withVerb !== undefined) return withVerb;
    }
    return this.#resolve(httpMethod, path.segments, path.kept, "");
  }

  #resolve(httpMethod: string, segments: readonly string[], kept: readonly string[], verb: string): Lookup {
    const route = first(this.#root, segments, 0, verb, httpMethod);
    if (route !== undefined) return { found: { route, segments, kept } };
    const allow = new Set<string>();
    for (const methods of candidates(this.#root, segments, 0, verb)) {
      for (const method of methods.keys()) allow.add(method);
    }
    if (allow.size === 0) return undefined;
    if (allow.has("GET")) allow.add("HEAD");
    return { allow: [...allow.add("OPTIONS")].sort() };
  }
}

function pick(methods: Methods, httpMethod: string): Route | undefined {
  return methods.get(httpMethod) ?? (httpMethod === "HEAD" ? methods.get("GET") : undefined) ?? methods.get("*");
}

/** The first of the {@link candidates} that knows the HTTP method. */
function first(
  at: Node,
  segments: readonly string[],
  depth: number,
  verb: string,
  httpMethod: string,
): Route | undefined {
  const segment = segments[depth];
  let found: Route | undefined;
  if (segment === undefined) {
    const end = at.ends.get(verb);
    if (end !== undefined) found = pick(end, httpMethod);
  } else {
    const literal = at.literals.get(segment);
    if (literal !== undefined) found = first(literal, segments, depth + 1, verb, httpMethod);
    if (found === undefined && at.one !== undefined && segment !== "")
      found = first(at.one, segments, depth + 1, verb, httpMethod);
  }
  if (found !== undefined) return found;
  const rest = at.rests.get(verb);
  return rest && pick(rest, httpMethod);
}

function* candidates(at: Node, segments: readonly string[], depth: number, verb: string): Generator<Methods> {
  const segment = segments[depth];
  if (segment === undefined) {
    const end = at.ends.get(verb);
    if (end !== undefined) yield end;
  } else {
    const literal = at.literals.get(segment);
    if (literal !== undefined) yield* candidates(literal, segments, depth + 1, verb);
    if (at.one !== undefined && segment !== "") yield* candidates(at.one, segments, depth + 1, verb);
  }
  const rest = at.rests.get(verb);
  if (rest !== undefined) yield rest;
}

function literalChild(at: Node, text: string): Node {
  const child = at.literals.get(text) ?? node();
  at.literals.set(text, child);
  return child;
}

function oneChild(at: Node): Node {
  at.one ??= node();
  return at.one;
}

function node(): Node {
  return { literals: new Map(), one: undefined, ends: new Map(), rests: new Map() };
}
