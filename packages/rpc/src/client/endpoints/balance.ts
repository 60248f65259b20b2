import type { Endpoint } from "./endpoint.ts";

/**
 * Chooses the endpoint of a call: of those in the best state, two at random, and of these the one with fewer calls in flight.
 * Returns undefined when every breaker is open. Those in `tried` come last, before the unreachable.
 */
export function choose(endpoints: readonly Endpoint[], tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
  const [only] = endpoints;
  if (endpoints.length === 1) return only?.waitMs() === 0 ? only : undefined;
  let best: Endpoint[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const endpoint of endpoints) {
    if (endpoint.waitMs() > 0) continue;
    const drawback = drawbackOf(endpoint, tried?.has(endpoint) ?? false);
    if (drawback > least) continue;
    if (drawback < least) best = [];
    least = drawback;
    best.push(endpoint);
  }
  return lessLoaded(best);
}

function drawbackOf(endpoint: Endpoint, tried: boolean): number {
  const readiness = endpoint.readiness();
  return (
    (readiness === "unreachable" ? 8 : 0) +
    (tried ? 4 : 0) +
    (endpoint.ejection.ejected ? 2 : 0) +
    (readiness === "connecting" ? 1 : 0)
  );
}

function lessLoaded(endpoints: readonly Endpoint[]): Endpoint | undefined {
  const count = endpoints.length;
  const first = Math.floor(Math.random() * count);
  const one = endpoints[first];
  if (count < 2) return one;
  const other = endpoints[(first + 1 + Math.floor(Math.random() * (count - 1))) % count];
  return one && other && other.inFlight < one.inFlight ? other : one;
}
