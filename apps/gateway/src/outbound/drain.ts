import { RpcError, Status } from "@kontor/transcoder";

/** A call in flight, ended by whoever ends it first: its client, its deadline, or the end of the process. */
export interface InFlight extends Disposable {
  readonly signal: AbortSignal;
}

/** The end of the process, as calls in flight learn of it. */
export interface Drain {
  /** Counts a call as in flight until it is disposed of. */
  enter(signal: AbortSignal): InFlight;
  /** Leaves calls so many milliseconds to finish, then ends them. Streams that never end are the reason. */
  begin(ms: number): void;
}

/** Makes a drain that has not begun. */
export function createDrain(): Drain {
  const open = new Set<AbortController>();
  return {
    enter(signal) {
      const controller = new AbortController();
      const abort = () => controller.abort(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort, { once: true });
      open.add(controller);
      return {
        signal: controller.signal,
        [Symbol.dispose]() {
          signal.removeEventListener("abort", abort);
          open.delete(controller);
        },
      };
    },
    begin(ms) {
      const end = () => {
        for (const call of open) call.abort(new RpcError(Status.UNAVAILABLE, "The gateway is going away."));
      };
      setTimeout(end, ms).unref();
    },
  };
}
