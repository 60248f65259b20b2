import { RpcError, Status } from "@kontor/transcoder";

/** The end of the process, as calls in flight learn of it. */
export interface Drain {
  /** Aborts calls that are still open when the time to finish is over. Streams that never end are the reason. */
  readonly signal: AbortSignal;
  /** Leaves calls so many milliseconds to finish. */
  begin(ms: number): void;
}

/** Makes a drain that has not begun. */
export function createDrain(): Drain {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    begin(ms) {
      const end = () => controller.abort(new RpcError(Status.UNAVAILABLE, "The gateway is going away."));
      setTimeout(end, ms).unref();
    },
  };
}
