import { edgeErrors } from "../policy-errors.ts";
import type { RateLimitClass } from "./classes.ts";

/** Counters that all replicas share. */
export interface SharedCounters {
  /** Whether the counters are reachable. */
  available(): boolean;
  /** Adds to a counter and resolves to its new value. A counter lasts at least as long as its window. @throws when it is unreachable */
  add(name: string, n: number): Promise<number>;
}

/** The state of a caller's limit after a request. */
export interface Verdict {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Milliseconds to the next window. */
  readonly resetMs: number;
  /** Whether only this process counted. */
  readonly local: boolean;
}

/** Counts requests. */
export interface Limiter {
  /** Takes one request of a caller. @throws KontorError RATE_LIMIT_UNAVAILABLE in a class that fails closed */
  take(limits: RateLimitClass, caller: string): Promise<Verdict>;
}

/** A caller in one window. */
interface Account {
  readonly window: number;
  /** Leased from the shared counter and not used yet. */
  leased: number;
  /** The last known value of the shared counter. */
  total: number;
  /** Admitted here, leased or not. */
  used: number;
  /** Admitted without a lease; added to the shared counter with the next one. */
  owed: number;
  waiting: number;
  asking: Promise<void> | undefined;
}

const MOST_ACCOUNTS = 100_000;
const AWAY_MS = 1_000;

/**
 * Counts in fixed windows. Requests are admitted from leases, taken from the shared counter in one step, so that most of them wait for no
 * store, and all replicas together never admit more than the limit. A lease is limited to the requests used here before, so that few are
 * unused, and to a tenth of the rest. While the counters are unreachable each replica counts on its own, up to the whole limit. `now`
 * decides the windows; `elapsed`, a monotonic clock, measures times within them.
 */
export function createLimiter(
  counters: SharedCounters | undefined,
  now: () => number = Date.now,
  elapsed: () => number = () => performance.now(),
): Limiter {
  const accounts = new Map<string, Account>();
  const windowLengths = new Map<string, number>();
  let awayUntil = Number.NEGATIVE_INFINITY;
  let sweptAt = elapsed();

  async function lease(account: Account, counter: string, limit: number): Promise<void> {
    const wanted = Math.max(1, account.waiting, Math.min(account.used, Math.floor((limit - account.total) / 10)));
    const { owed } = account;
    try {
      account.total = (await counters?.add(counter, wanted + owed)) ?? 0;
      account.owed -= owed;
      account.leased += Math.max(0, Math.min(wanted, limit - (account.total - wanted)));
    } catch {
      awayUntil = elapsed() + AWAY_MS;
    }
  }

  function accountOf(name: string, window: number): Account {
    const known = accounts.get(name);
    if (known?.window === window) return known;
    const fresh = { window, leased: 0, total: 0, used: 0, owed: 0, waiting: 0, asking: undefined };
    accounts.set(name, fresh);
    return fresh;
  }

  function sweep(): void {
    if (accounts.size < MOST_ACCOUNTS && elapsed() - sweptAt < 60_000) return;
    sweptAt = elapsed();
    const at = now();
    const stale = accounts.size >= MOST_ACCOUNTS ? MOST_ACCOUNTS / 10 : 0;
    let seen = 0;
    for (const [name, { window }] of accounts) {
      const length = windowLengths.get(name.split(".", 1)[0] ?? "") ?? 0;
      if (seen++ < stale || (window + 1) * length <= at) accounts.delete(name);
    }
  }

  return {
    async take({ name, limit, windowMs, failClosed }, caller) {
      sweep();
      windowLengths.set(name, windowMs);
      const window = Math.floor(now() / windowMs);
      const account = accountOf(`${name}.${caller}`, window);
      const verdict = (allowed: boolean, remaining: number, local: boolean): Verdict => {
        if (allowed) account.used++;
        return { allowed, remaining: Math.max(0, remaining), resetMs: (window + 1) * windowMs - now(), local };
      };
      for (;;) {
        if (account.leased > 0) {
          account.leased--;
          return verdict(true, limit - Math.min(account.total, limit) + account.leased, false);
        }
        if (account.total >= limit) return verdict(false, 0, false);
        if (counters === undefined || !counters.available() || elapsed() < awayUntil) {
          if (failClosed && counters !== undefined)
            throw edgeErrors.RATE_LIMIT_UNAVAILABLE({ class: name }, { retryAfterMs: AWAY_MS });
          if (account.used >= limit) return verdict(false, 0, true);
          account.owed++;
          return verdict(true, limit - account.used - 1, true);
        }
        account.waiting++;
        account.asking ??= lease(account, `${name}.${caller}.${windowMs}.${window}`, limit).finally(() => {
          account.asking = undefined;
        });
        await account.asking.finally(() => account.waiting--);
      }
    },
  };
}
