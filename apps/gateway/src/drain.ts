import { type EdgeCall, RpcError, Status } from "@kontor/transcoder";

/** The end of the process, as calls in flight observe it. */
export interface Drain {
  /** Counts a call as in flight until it is disposed of. The end of the process aborts it as its client would. */
  enter(call: Pick<EdgeCall, "abort">): Disposable;
  /** Gives calls `graceMs` milliseconds to finish, then ends them, because some streams never end. */
  begin(ms: number): void;
}

/** Creates a drain that has not begun. */
export function createDrain(): Drain {
  const open = new Set<Pick<EdgeCall, "abort">>();
  return {
    enter(call) {
      open.add(call);
      return { [Symbol.dispose]: () => void open.delete(call) };
    },
    begin(ms) {
      const end = () => {
        for (const call of open) call.abort(new RpcError(Status.UNAVAILABLE, "The gateway is going away."));
      };
      setTimeout(end, ms).unref();
    },
  };
}
