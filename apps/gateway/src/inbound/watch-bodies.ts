import type { IncomingMessage } from "node:http";
import type { EdgeCall } from "@kontor/transcoder";
import { createDrain } from "../drain.ts";

/** The requests whose bodies are incomplete. */
export interface WatchedBodies {
  /** Counts a request until its body was read, if it has one. */
  watch(call: EdgeCall): void;
  /** Stops counting a request with a response. The rest of its body may never be read, and then no event reports its end. */
  answered(request: IncomingMessage): void;
  /** Gives bodies `graceMs` milliseconds to end. Then their clients receive 503, because the process ends. */
  endWithin(ms: number): void;
}

/** Watches none yet. */
export function watchBodies(): WatchedBodies {
  const drain = createDrain();
  const unfinished = new WeakMap<IncomingMessage, Disposable>();
  const answered = (request: IncomingMessage) => unfinished.get(request)?.[Symbol.dispose]();
  return {
    answered,
    watch(call) {
      const { raw } = call.request;
      if (raw.headers["content-length"] === undefined && raw.headers["transfer-encoding"] === undefined) return;
      if (raw.closed) return; // The client disconnected during admission; no further event reports the end.
      unfinished.set(raw, drain.enter(call));
      raw.once("close", () => answered(raw));
    },
    endWithin: drain.begin,
  };
}
