import { promises as dns } from "node:dns";
import { parseServiceTarget, watchEndpoints } from "@kontor/discovery";
import type { Logger } from "@kontor/telemetry";
import { type Addresses, nameToResolve } from "./addresses.ts";

/** Resolves a name to all of its IP addresses. */
type Resolve = (name: string) => Promise<readonly string[]>;

/** The addresses of a callee, kept up to date. */
export interface Discovery {
  /** Resolves once every name was resolved or failed to. */
  readonly first: Promise<void>;
  stop(): void;
}

/** How addresses are discovered. */
export interface DiscoveryOptions {
  /** How often names are resolved again, in milliseconds. */
  readonly everyMs: number;
  readonly log: Logger;
  /** Default: the resolver of the operating system, which uses DNS and the hosts file. */
  readonly resolve?: Resolve;
}

/** Names that have never resolved are resolved again sooner: their service is about to start. */
const UNKNOWN_NAME_MS = 500;

/**
 * Reports the addresses at once when none is a name, else whenever names are resolved or the pods of a Service change. A name
 * that fails to resolve keeps its last addresses.
 */
export function discover(
  places: Addresses,
  { everyMs, log, resolve = allAddresses }: DiscoveryOptions,
  report: (addresses: readonly string[]) => void,
): Discovery {
  const known = new Map<string, readonly string[]>();
  const names = places.filter((place) => nameToResolve(place) !== undefined);
  const services = places.filter((place) => parseServiceTarget(place) !== undefined);
  for (const place of places) known.set(place, names.includes(place) || services.includes(place) ? [] : [place]);
  /** The names whose last resolution failed. Each failure is logged once. */
  const unresolved = new Set<string>();
  const watches = new DisposableStack();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const publish = () => report([...new Set([...known.values()].flat())]);

  function watch(place: string): Promise<void> {
    const target = parseServiceTarget(place);
    if (!target) return Promise.resolve();
    return new Promise((resolved) => {
      const changed = (addresses: readonly string[]) => {
        known.set(place, addresses);
        if (!stopped) publish();
        resolved();
      };
      watches.use(watchEndpoints(target, { changed, unknown: () => resolved() }, { log }));
    });
  }

  async function refresh(): Promise<void> {
    const results = await Promise.all(names.map(async (place) => [place, await addressesOf(place)] as const));
    if (stopped) return;
    for (const [place, addresses] of results) if (addresses !== undefined) known.set(place, addresses);
    publish();
    const isUnknown = names.some((place) => known.get(place)?.length === 0);
    timer = setTimeout(() => void refresh(), isUnknown ? Math.min(UNKNOWN_NAME_MS, everyMs) : everyMs).unref();
  }

  async function addressesOf(place: string): Promise<readonly string[] | undefined> {
    const { name, port } = nameToResolve(place) ?? { name: place, port: "" };
    try {
      const found = await resolve(name);
      unresolved.delete(place);
      return found.map((address) => `${address.includes(":") ? `[${address}]` : address}:${port}`);
    } catch (err) {
      if (!unresolved.has(place)) log.warn({ err, name }, "upstream name not resolved");
      unresolved.add(place);
      return undefined;
    }
  }

  const searches = services.map(watch);
  if (names.length > 0) searches.push(refresh());
  if (searches.length === 0) publish();
  return {
    first: Promise.all(searches).then(() => undefined),
    stop() {
      stopped = true;
      clearTimeout(timer);
      watches.dispose();
    },
  };
}

async function allAddresses(name: string): Promise<readonly string[]> {
  return (await dns.lookup(name, { all: true })).map(({ address }) => address);
}
