import { createHash } from "node:crypto";
import { userErrors } from "../src/domain/errors.ts";
import { loginDelays } from "../src/domain/login-delay.ts";
import type { LoginAttempt, LoginThrottle } from "../src/ports.ts";
import type { Accounts } from "./memory-accounts.ts";

interface Options {
  readonly now: () => Date;
  readonly free: number;
  readonly longestMs: number;
  readonly windowMs: number;
}

interface Failures {
  readonly count: number;
  readonly since: number;
  readonly blockedUntil: number;
}

/** A throttle in memory: failures by device, by account and network, and of the account. */
export function memoryThrottle(
  { sessions, tokens }: Accounts,
  { now, free, longestMs, windowMs }: Options,
): LoginThrottle {
  const failures = new Map<string, Failures>();
  const networks = new Set<string>();
  const ofOne = loginDelays(free, longestMs);
  const ofAll = loginDelays(free * 3, longestMs);

  function deviceOf({ device, refreshToken = "", userId }: LoginAttempt): string | undefined {
    const token = tokens.rows().get(createHash("sha256").update(refreshToken).digest("hex"));
    const session = token && sessions.rows().get(token.sessionId);
    return device ?? (session?.userId === userId ? token?.sessionId : undefined);
  }

  function countersOf(attempt: LoginAttempt): readonly { key: string; delays: readonly number[] }[] {
    const { account, userId, client } = attempt;
    const device = deviceOf(attempt);
    if (device !== undefined) return [{ key: `device ${device}`, delays: ofOne }];
    const here = { key: `network ${client.network} account ${account}`, delays: ofOne };
    const known = client.network !== "" && networks.has(`${userId} ${client.network}`);
    return known ? [here] : [here, { key: `account ${account}`, delays: ofAll }];
  }

  return {
    async open(attempt) {
      const counters = countersOf(attempt);
      return {
        async check() {
          const at = now().getTime();
          const until = Math.max(...counters.map(({ key }) => failures.get(key)?.blockedUntil ?? 0));
          if (until > at) throw userErrors.LOGIN_THROTTLED({ retryAfterMs: until - at });
        },
        async failed() {
          const at = now().getTime();
          for (const { key, delays } of counters) {
            const before = failures.get(key);
            const count = before !== undefined && before.since > at - windowMs ? before.count + 1 : 1;
            const delay = delays[Math.min(count, delays.length) - 1] ?? 0;
            failures.set(key, { count, since: at, blockedUntil: at + delay });
          }
        },
        async succeeded() {
          for (const { key } of counters) failures.delete(key);
          if (attempt.client.network !== "") networks.add(`${attempt.userId} ${attempt.client.network}`);
        },
      };
    },
  };
}
