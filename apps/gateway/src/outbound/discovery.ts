import { lookup } from "node:dns/promises";
import type { Logger } from "@kontor/telemetry";
import { nameToResolve, type Places } from "./addresses.ts";

/** Resolves a name to all of its IP addresses. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** The addresses of an upstream, kept up to date. */
export interface Discovery {
  /** Resolves once every name was asked for. */
  readonly first: Promise<void>;
  stop(): void;
}

/** What a discovery is made from. */
export interface DiscoveryOptions {
  readonly everyMs: number;
  readonly log: Logger;
  /** Default: what the operating system says, which knows DNS and the hosts file. */
  readonly resolve?: Resolve;
}

/** Reports the addresses at once when none is a name, else whenever names are resolved. A name that fails keeps its last ones. */
export function discover(
  places: Places,
  { everyMs, log, resolve = allAddresses }: DiscoveryOptions,
  report: (addresses: readonly string[]) => void,
): Discovery {
  const known = new Map<string, readonly string[]>();
  const names = places.filter((place) => nameToResolve(place) !== undefined);
  for (const place of places) known.set(place, names.includes(place) ? [] : [place]);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function refresh(): Promise<void> {
    const results = await Promise.all(names.map(async (place) => [place, await ask(place)] as const));
    if (stopped) return;
    for (const [place, addresses] of results) if (addresses !== undefined) known.set(place, addresses);
    report([...new Set([...known.values()].flat())]);
    timer = setTimeout(() => void refresh(), everyMs).unref();
  }

  async function ask(place: string): Promise<readonly string[] | undefined> {
    const { name, port } = nameToResolve(place) ?? { name: place, port: "" };
    try {
      return (await resolve(name)).map((address) => `${address.includes(":") ? `[${address}]` : address}:${port}`);
    } catch (err) {
      log.warn({ err, name }, "The name of an upstream could not be resolved.");
      return undefined;
    }
  }

  const first = names.length > 0 ? refresh() : Promise.resolve(report(places));
  return {
    first,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function allAddresses(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
