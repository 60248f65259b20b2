import { policyErrors } from "@kontor/policy";
import type { EdgeCall } from "@kontor/transcoder";
import { decide } from "../decisions.ts";
import { refusal } from "./refusals.ts";

/** The streams and sockets that are open, by the session whose token opened them. */
export interface OpenStreams {
  /** Counts a stream as open until it is disposed of. */
  enter(sessionId: string | undefined, call: EdgeCall): Disposable;
  /** Ends the streams of a session with UNAUTHENTICATED. */
  end(sessionId: string): void;
}

/** Creates the register of streams. */
export function createOpenStreams(): OpenStreams {
  const sessions = new Map<string, Set<EdgeCall>>();
  return {
    enter(sessionId, call) {
      if (sessionId === undefined) return { [Symbol.dispose]: () => {} };
      const calls = sessions.get(sessionId) ?? new Set();
      sessions.set(sessionId, calls.add(call));
      return {
        [Symbol.dispose]() {
          calls.delete(call);
          if (calls.size === 0 && sessions.get(sessionId) === calls) sessions.delete(sessionId);
        },
      };
    },
    end(sessionId) {
      for (const call of sessions.get(sessionId) ?? []) {
        decide(call.request, "auth", policyErrors.TOKEN_REVOKED.reason);
        call.abort(refusal(policyErrors.TOKEN_REVOKED()));
      }
    },
  };
}
