import { policyErrors } from "@kontor/policy";
import type { EdgeCall } from "@kontor/transcoder";
import { decide } from "../decisions.ts";
import { refusal } from "./refusals.ts";

/** The sessions of tokens: which of them ended before their time, and which streams and sockets each has open. */
export interface Sessions {
  /**
   * Refuses the token of a session that has ended, and every token of a session until the ended ones are known.
   *
   * @throws KontorError TOKEN_REVOKED, SESSIONS_UNAVAILABLE
   */
  requireOpen(sessionId: string | undefined): void;
  /** Counts a stream as open until it is disposed of. Ends it at once if its session ended since it was admitted. */
  enter(sessionId: string | undefined, call: EdgeCall): Disposable;
  /** Ends the streams of a session with UNAUTHENTICATED, and refuses its tokens from then on. */
  end(sessionId: string): void;
  /** Records that all sessions that ended before are known. */
  known(): void;
}

/** The limits of the stored ended sessions: their number and their time. */
export interface SessionsOptions {
  /** Whether ended sessions are unknown until `known` is called. Default: no, none has ended. */
  readonly awaited?: boolean;
  /** In milliseconds. Default: 24 h, the longest life of an access token. */
  readonly keptMs?: number;
  /** Beyond this number the oldest are dropped. Default: 100,000. */
  readonly most?: number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

const DAY_MS = 86_400_000;

/** Creates the register of sessions. */
export function createSessions(options: SessionsOptions = {}): Sessions {
  const { keptMs = DAY_MS, most = 100_000, now = () => performance.now() } = options;
  let isKnown = !options.awaited;
  const streams = new Map<string, Set<EdgeCall>>();
  /** When each session ended, the oldest first. */
  const ended = new Map<string, number>();

  function forget(): void {
    for (const [sessionId, at] of ended) {
      if (ended.size <= most && now() - at < keptMs) return;
      ended.delete(sessionId);
    }
  }
  return {
    requireOpen(sessionId) {
      if (sessionId === undefined) return;
      if (ended.has(sessionId)) throw policyErrors.TOKEN_REVOKED();
      if (!isKnown) throw policyErrors.SESSIONS_UNAVAILABLE();
    },
    enter(sessionId, call) {
      if (sessionId === undefined) return { [Symbol.dispose]: () => {} };
      if (ended.has(sessionId)) revoke(call);
      const calls = streams.get(sessionId) ?? new Set();
      streams.set(sessionId, calls.add(call));
      return {
        [Symbol.dispose]() {
          calls.delete(call);
          if (calls.size === 0 && streams.get(sessionId) === calls) streams.delete(sessionId);
        },
      };
    },
    known() {
      isKnown = true;
    },
    end(sessionId) {
      ended.delete(sessionId);
      ended.set(sessionId, now());
      forget();
      for (const call of streams.get(sessionId) ?? []) revoke(call);
    },
  };
}

function revoke(call: EdgeCall): void {
  decide(call.request, "auth", policyErrors.TOKEN_REVOKED.reason);
  call.abort(refusal(policyErrors.TOKEN_REVOKED()));
}
