import { RpcError, Status } from "@kontor/transcoder";

/** A running read, and the requests that wait for it. */
interface Flight<T> {
  readonly group: string;
  readonly answer: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
  settled: boolean;
  stale: boolean;
}

/** How a read is made. */
export interface Read<T> {
  readonly key: string;
  readonly group: string;
  /** Whether later requests may share the read while it runs. */
  readonly shared: boolean;
  /** Aborts this caller's wait. The read ends when no caller waits. */
  readonly signal: AbortSignal;
  make(end: AbortController): Promise<T>;
  /** Called with the response, unless an event has dropped it since the read began. */
  keep(answer: T): void;
}

/** Makes identical reads that come at the same time once. */
export class Flights<T> {
  readonly #open = new Set<Flight<T>>();
  readonly #joinable = new Map<string, Flight<T>>();

  /** Returns whether a read with this key would join a running one. */
  has(key: string): boolean {
    return this.#joinable.has(key);
  }

  /** Joins the running read, or begins one. */
  async read(read: Read<T>): Promise<T> {
    read.signal.throwIfAborted();
    const joined = read.shared ? this.#joinable.get(read.key) : undefined;
    const flight = joined ?? this.#begin(read);
    flight.waiting++;
    const { promise: gone, reject } = Promise.withResolvers<never>();
    const leave = () => reject(read.signal.reason);
    read.signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([flight.answer, gone]);
    } finally {
      read.signal.removeEventListener("abort", leave);
      if (--flight.waiting === 0 && !flight.settled) this.#abandon(read.key, flight);
    }
  }

  /** Excludes later requests from the running reads of a group. */
  outdate(group: string): void {
    for (const flight of this.#open) if (flight.group === group) flight.stale = true;
    for (const [key, flight] of this.#joinable) if (flight.stale) this.#joinable.delete(key);
  }

  /** The same for all reads. */
  outdateAll(): void {
    for (const flight of this.#open) flight.stale = true;
    this.#joinable.clear();
  }

  #begin({ key, group, shared, make, keep }: Read<T>): Flight<T> {
    const abort = new AbortController();
    const end = (answer?: T) => {
      flight.settled = true;
      this.#open.delete(flight);
      if (this.#joinable.get(key) === flight) this.#joinable.delete(key);
      if (answer !== undefined && !flight.stale) keep(answer);
    };
    const answer = make(abort);
    const flight: Flight<T> = { group, answer, abort, waiting: 0, settled: false, stale: false };
    this.#open.add(flight);
    if (shared) this.#joinable.set(key, flight);
    answer.then(end, () => end());
    return flight;
  }

  #abandon(key: string, flight: Flight<T>): void {
    if (this.#joinable.get(key) === flight) this.#joinable.delete(key);
    flight.abort.abort(new RpcError(Status.CANCELLED, "All callers have left."));
  }
}
