import type { EdgeCall } from "@kontor/transcoder";
import { createDrain } from "../outbound/drain.ts";

/** The requests whose bodies have not come to their end. */
export interface WatchedBodies {
  /** Counts a request until its body was read, if it has one. */
  watch(call: EdgeCall): void;
  /** Leaves bodies so many milliseconds to end. Then their clients are told that the process does: 503. */
  endWithin(ms: number): void;
}

/** Watches none yet. */
export function watchBodies(): WatchedBodies {
  const drain = createDrain();
  return {
    watch(call) {
      const { raw } = call.request;
      if (raw.headers["content-length"] === undefined && raw.headers["transfer-encoding"] === undefined) return;
      if (raw.closed) return; // Its client left while it was let in, and nobody would tell of its end.
      const unfinished = drain.enter(call);
      raw.once("close", () => unfinished[Symbol.dispose]());
    },
    endWithin: drain.begin,
  };
}
