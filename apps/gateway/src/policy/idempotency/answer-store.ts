import type { Reply } from "@kontor/transcoder";

/** What is kept under a key. */
export type Kept =
  | {
      readonly state: "running";
      readonly payload: string;
      /** By the clock of the gateway that holds it, which may be wrong. */
      readonly until: number;
      /** How long it is held from when it was stored, in milliseconds. Absent in what the version before stored. */
      readonly heldMs?: number;
    }
  | { readonly state: "done"; readonly payload: string; readonly reply: Reply }
  | { readonly state: "lost"; readonly payload: string };

/** A key that is held for the one call that carries it out. */
export interface Hold {
  /** Keeps the answer, to be replayed. */
  finish(kept: Exclude<Kept, { state: "running" }>): Promise<void>;
  /** Forgets the key, so that the next call with it is a first one. */
  release(): Promise<void>;
}

/** Keeps keys and answers where they survive the gateway. Everything throws when the store is away. */
export interface AnswerStore {
  /** Claims the key, or returns what is stored under it. An expired claim is taken over. Stops waiting once the signal aborts. */
  claim(key: string, payload: string, until: number, signal: AbortSignal): Promise<{ hold: Hold } | { kept: Kept }>;
}

/** The largest body that is kept. */
export const MOST_KEPT_BYTES = 512 * 1024;
