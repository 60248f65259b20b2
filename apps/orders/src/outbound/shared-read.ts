import { createBatch } from "@kontor/batch";
import { isTransient } from "@kontor/errors";
import { type CallOptions, currentCall, runOutsideCall } from "@kontor/rpc";

/** How a read is shared. */
interface SharedReadOptions<Q, A> {
  /** Names the read in errors and metrics. */
  readonly name: string;
  /** Returns how many elements of the call a request takes. */
  readonly sizeOf: (request: Q) => number;
  /** Makes one call for requests, and returns a result for each, in order. */
  readonly call: (requests: readonly Q[], options: CallOptions) => Promise<readonly A[]>;
}

/** How an order calls what it cannot be placed without: a callee that restarts delays the order, it does not refuse it. */
export const UNTIL_DEADLINE: CallOptions = { untilDeadline: true };
/** A shared call is not retried: each order has a deadline of its own. */
const ONCE: CallOptions = { idempotent: false };

/** The largest number of elements that the contracts allow in a call. */
const MOST_ELEMENTS = 100;
/** While one callee restarts, calls wait for it. */
const MAX_FLIGHTS = 8;

/**
 * Creates a read that orders which are placed at the same time share: one call for all of them. A call that is refused is divided until the
 * request that is refused is alone. While the callee is unavailable, each request is retried by itself until the deadline of its own order.
 */
export function createSharedRead<Q, A>({ name, sizeOf, call }: SharedReadOptions<Q, A>): (request: Q) => Promise<A> {
  const share = createBatch<Q, A>({
    name,
    maxFlights: MAX_FLIGHTS,
    splits: (error) => !isTransient(error), // In the time that a callee needs to respond, halves would follow each other.
    run: async (requests) => (await Promise.all(callsOf(requests, sizeOf).map((some) => call(some, ONCE)))).flat(),
  });
  return async (request) => {
    const deadline = currentCall()?.deadline;
    return orAlone(share(request, deadline && { deadline }), async () => {
      const [result] = await call([request], UNTIL_DEADLINE);
      return result as A;
    });
  };
}

/** Divides requests into calls. A request is never divided. */
function callsOf<Q>(requests: readonly Q[], sizeOf: (request: Q) => number): Q[][] {
  const calls: Q[][] = [];
  let room = 0;
  for (const request of requests) {
    const size = sizeOf(request);
    if (calls.length === 0 || size > room) {
      calls.push([]);
      room = MOST_ELEMENTS;
    }
    calls.at(-1)?.push(request);
    room -= size;
  }
  return calls;
}

/** Repeats a shared read that failed for a transient reason, in the call of the order that needs it. */
async function orAlone<A>(shared: Promise<A>, alone: () => Promise<A>): Promise<A> {
  try {
    return await shared;
  } catch (error) {
    if (!isTransient(error)) throw error;
    return alone();
  }
}

/** Returns a read whose callers share the call of an equal request while it is under way, as {@link createSharedRead} does. */
export function createSingleRead<Q, A>(
  keyOf: (request: Q) => string,
  call: (request: Q, options: CallOptions) => Promise<A>,
): (request: Q) => Promise<A> {
  const open = new Map<string, Promise<A>>();
  return (request) => {
    const key = keyOf(request);
    const shared = open.get(key) ?? runOutsideCall(() => call(request, ONCE)).finally(() => open.delete(key));
    open.set(key, shared);
    return orAlone(shared, () => call(request, UNTIL_DEADLINE));
  };
}
