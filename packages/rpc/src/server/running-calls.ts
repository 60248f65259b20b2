import { rpcErrors } from "../rpc-errors.ts";
import type { ServerCall } from "./server-call.ts";

/** The calls that a listener handles now. */
export class RunningCalls {
  readonly #calls = new Set<ServerCall>();
  #idle: (() => void) | undefined;

  begin(call: ServerCall): void {
    this.#calls.add(call);
  }

  end(call: ServerCall): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) this.#idle?.();
  }

  /** Ends all streams, so that their callers can go to another replica. */
  endStreams(): void {
    for (const call of this.#calls) if (call.method.streams) call.abort(rpcErrors.SHUTTING_DOWN());
  }

  /** Resolves once no call is left. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve;
      if (this.#calls.size === 0) resolve();
    });
  }
}
