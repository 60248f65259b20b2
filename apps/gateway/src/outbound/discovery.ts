import { lookup } from "node:dns/promises";
import { parseServiceTarget, watchEndpoints } from "@kontor/discovery";
import type { Logger } from "@kontor/telemetry";
import { nameToResolve, type UpstreamAddresses } from "./addresses.ts";

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

/**
 * Reports the addresses at once when none is a name, else whenever names are resolved or the pods of a Service change. What
 * fails keeps its last ones.
 */
export function discover(
  places: UpstreamAddresses,
  { everyMs, log, resolve = allAddresses }: DiscoveryOptions,
  report: (addresses: readonly string[]) => void,
): Discovery {
  const known = new Map<string, readonly string[]>();
  const names = places.filter((place) => nameToResolve(place) !== undefined);
  const services = places.filter((place) => parseServiceTarget(place) !== undefined);
  for (const place of places) known.set(place, names.includes(place) || services.includes(place) ? [] : [place]);
  const watches = new DisposableStack();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const tell = () => report([...new Set([...known.values()].flat())]);

  function watch(place: string): Promise<void> {
    const target = parseServiceTarget(place);
    if (!target) return Promise.resolve();
    return new Promise((asked) => {
      const changed = (addresses: readonly string[]) => {
        known.set(place, addresses);
        if (!stopped) tell();
        asked();
      };
      watches.use(watchEndpoints(target, { changed, unknown: () => asked() }, { log }));
    });
  }

  async function refresh(): Promise<void> {
    const results = await Promise.all(names.map(async (place) => [place, await ask(place)] as const));
    if (stopped) return;
    for (const [place, addresses] of results) if (addresses !== undefined) known.set(place, addresses);
    tell();
    timer = setTimeout(() => void refresh(), everyMs).unref();
  }

  async function ask(place: string): Promise<readonly string[] | undefined> {
    const { name, port } = nameToResolve(place) ?? { name: place, port: "" };
    try {
      return (await resolve(name)).map((address) => `${address.includes(":") ? `[${address}]` : address}:${port}`);
    } catch (err) {
      log.warn({ err, name }, "upstream name not resolved");
      return undefined;
    }
  }

  const asked = services.map(watch);
  if (names.length > 0) asked.push(refresh());
  if (asked.length === 0) tell();
  return {
    first: Promise.all(asked).then(() => undefined),
    stop() {
      stopped = true;
      clearTimeout(timer);
      watches.dispose();
    },
  };
}

async function allAddresses(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
