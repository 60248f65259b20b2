import type { Reply } from "@kontor/transcoder";

/** The entry of a key. */
export type Kept =
  | {
      readonly state: "running";
      readonly payload: string;
      /** By the clock of the gateway that claimed it, which may be wrong. */
      readonly until: number;
      /** The time of the claim from its storage on, in milliseconds. Absent in entries of the previous version. */
      readonly heldMs?: number;
    }
  | { readonly state: "done"; readonly payload: string; readonly reply: Reply }
  | { readonly state: "lost"; readonly payload: string };

/** A key that is claimed for the one call that executes it. */
export interface Hold {
  /** Stores the response, to be replayed. */
  finish(kept: Exclude<Kept, { state: "running" }>): Promise<void>;
  /** Deletes the key, so that the next call with it is a first one. */
  release(): Promise<void>;
}

/** Stores keys and responses outside of the gateway. All functions throw while the store is unreachable. */
export interface AnswerStore {
  /** Claims the key, or returns what is stored under it. An expired claim is taken over. Stops waiting once the signal aborts. */
  claim(key: string, payload: string, until: number, signal: AbortSignal): Promise<{ hold: Hold } | { kept: Kept }>;
}

/** The largest body that is stored. */
export const MOST_KEPT_BYTES = 512 * 1024;
