import { ClientError } from "./errors.ts";
import type { TokenSource } from "./operation.ts";

/** The tokens of a session. Members of its own, such as a user id, are kept. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Where the tokens of a session are kept. Tabs that share a session share the store. */
export interface TokenStore<T extends Tokens = Tokens> {
  read(): T | undefined;
  write(tokens: T | undefined): void;
}

/** What a session is made from. */
export interface SessionOptions<T extends Tokens> {
  /** Returns the successors of tokens. It rejects with a ClientError from 400 to 499 once the session has ended. */
  readonly refresh: (tokens: T) => Promise<T>;
  /** Default: memory, for one process. */
  readonly store?: TokenStore<T>;
  /** The name of the Web Lock under which tokens are renewed. Sessions that share a store share the name. Default: `kontor-session`. */
  readonly lock?: string;
  /** Called when the session has ended, and the user must log in again. */
  readonly onEnd?: () => void;
}

/** A session whose access token is renewed when it is refused. Any number of tabs may share one. */
export interface Session<T extends Tokens> extends TokenSource {
  /** Returns the tokens; undefined without a session. */
  tokens(): T | undefined;
  /** Begins a session, after a login. */
  begin(tokens: T): void;
  /** Forgets the tokens, after a logout. */
  end(): void;
}

/** How often, and how long apart, the store is read for what another tab is about to write, where there are no Web Locks. */
const LOOKS = { times: 8, everyMs: 250 };

/** Creates a session. Refresh tokens rotate, so one tab renews at a time, and the others take over what it stored. */
export function createSession<T extends Tokens>(options: SessionOptions<T>): Session<T> {
  const { refresh, store = memoryStore<T>(), lock = "kontor-session", onEnd } = options;
  // Memory is not shared, so nothing else renews these tokens.
  const inTurn = <R>(work: () => Promise<R>) => (options.store && locks()?.request(lock, work)) ?? work();
  let flight: Promise<string | undefined> | undefined;

  async function renew(refused: string): Promise<string | undefined> {
    flight ??= inTurn(() => successor(refused)).finally(() => {
      flight = undefined;
    });
    const token = await flight;
    return token === refused ? renew(refused) : token; // It joined the renewal of an older token.
  }

  async function successor(refused: string): Promise<string | undefined> {
    const current = store.read();
    if (current === undefined || current.accessToken !== refused) return current?.accessToken;
    try {
      const next = await refresh(current);
      store.write(next);
      return next.accessToken;
    } catch (error) {
      const hasEnded = error instanceof ClientError && [400, 401, 403, 404].includes(error.status);
      if (!hasEnded) throw error;
      const other = await written(store, current);
      if (other !== undefined) return other.accessToken;
      if (store.read()?.refreshToken === current.refreshToken) {
        store.write(undefined);
        onEnd?.();
      }
      return undefined;
    }
  }

  return {
    token: () => store.read()?.accessToken,
    renew,
    tokens: () => store.read(),
    begin: (tokens) => store.write(tokens),
    end: () => store.write(undefined),
  };
}

/** Returns what another tab has stored in place of tokens that were refused. */
async function written<T extends Tokens>(store: TokenStore<T>, refused: T): Promise<T | undefined> {
  for (let looks = locks() ? LOOKS.times : 1; looks <= LOOKS.times; looks++) {
    const now = store.read();
    if (now !== undefined && now.refreshToken !== refused.refreshToken) return now;
    if (looks < LOOKS.times) await new Promise((resolve) => setTimeout(resolve, LOOKS.everyMs));
  }
  return undefined;
}

/** Returns the store in `localStorage` or `sessionStorage`. Without Web Storage, as in Node.js, use a store of your own. */
export function webStore<T extends Tokens>(
  storage: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  },
  key = "kontor-session",
): TokenStore<T> {
  return {
    read() {
      try {
        return JSON.parse(storage.getItem(key) ?? "null") ?? undefined;
      } catch {
        return undefined;
      }
    },
    write: (tokens) => (tokens === undefined ? storage.removeItem(key) : storage.setItem(key, JSON.stringify(tokens))),
  };
}

function memoryStore<T extends Tokens>(): TokenStore<T> {
  let kept: T | undefined;
  return {
    read: () => kept,
    write: (tokens) => {
      kept = tokens;
    },
  };
}

interface Locks {
  request<R>(name: string, work: () => Promise<R>): Promise<R>;
}

function locks(): Locks | undefined {
  return (globalThis as { readonly navigator?: { readonly locks?: Locks } }).navigator?.locks;
}
