import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { RunningCalls } from "../server/running-calls.ts";
import type { Served } from "../server/serve.ts";
import type { InProcessCall } from "./in-process-call.ts";

/** Serves one set of services to the clients of this process. */
export interface InProcessListener {
  /** Refuses new calls, lets calls finish for `graceMs`, streams for half of it, then cuts. */
  drain(graceMs: number): Promise<void>;
}

/** The server under an address of this process, as a channel uses it. */
export interface Callee {
  /** The most bytes of a request. */
  readonly maxReceiveBytes: number;
  /** Begins a call in the next turn of the event loop. Returns false when the services have no such RPC. */
  begin(path: string, call: InProcessCall): boolean;
}

const callees = new Map<string, Callee>();

/** Runs a handler outside the async context of its caller: its logs, traces and transactions are its own. */
const inNoContext = AsyncLocalStorage.snapshot();

/** Returns the present server of a name, or undefined. */
export function calleeNamed(name: string): Callee | undefined {
  return callees.get(name);
}

/** Serves services to clients of this process, which call `in-process:///name`. @throws Error when the name is taken */
export function serveInProcess(name: string, { rpcs, limits }: Served): InProcessListener {
  if (callees.has(name)) throw new Error(`This process already serves ${name}. Give each service its own name.`);
  const byPath = new Map(rpcs.map((rpc) => [`/${rpc.desc.parent.typeName}/${rpc.desc.name}`, rpc]));
  const running = new RunningCalls();
  const calls = new Set<InProcessCall>();
  callees.set(name, {
    maxReceiveBytes: limits.maxReceiveBytes,
    begin(path, call) {
      const rpc = byPath.get(path);
      if (rpc === undefined) return false;
      calls.add(call);
      call.onceEnded(() => calls.delete(call));
      // Without it, calls that need no I/O would starve timers and sockets.
      setImmediate(() => inNoContext(() => rpc.handle(call, running)));
      return true;
    },
  });
  return {
    async drain(graceMs) {
      callees.delete(name);
      const end = setTimeout(() => running.endStreams(), graceMs / 2);
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const cut = setTimeout(() => {
        for (const call of calls) call.cut();
        resolve();
      }, graceMs);
      await nextTurn(); // Calls that have just begun count, too.
      await Promise.race([running.whenIdle(), over]);
      clearTimeout(end);
      clearTimeout(cut);
    },
  };
}
