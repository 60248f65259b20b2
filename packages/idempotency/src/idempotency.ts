import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { failpoint } from "@kontor/failpoint";
import type { Database, Sql, Tx } from "@kontor/postgres";
import { counter } from "@kontor/telemetry";
import {
  ClaimLost,
  createClaim,
  createFind,
  type KeyedRequest,
  type Known,
  refuse,
  release,
  settle,
} from "./claim-store.ts";
import { IN_FLIGHT_RETRY_MS, idempotencyErrors } from "./errors.ts";
import { decodeRefusal, isRefusal } from "./refusal.ts";

/** The limits of a call; the context of an RPC has them. */
export interface CallLimits {
  /** When the response becomes worthless. */
  readonly deadline: Date;
  /** Aborts when the caller cancels. */
  readonly signal: AbortSignal;
}

/** A key that this request has claimed. */
export interface Claim {
  /**
   * Settles the key with `result` in the transaction of the effect. Call it first in the transaction. Throws if another
   * request took the key over, which rolls the effect back.
   */
  settle(tx: Tx, result: string): Promise<void>;
}

/** The handling of a request with a key. */
export interface KeyedWork<T> {
  /** The deadline and the signal of the call. The claim outlives the deadline by `graceMs`. */
  readonly call: CallLimits;
  /**
   * Throws if a new request cannot be accepted: its content is invalid, or the service is overloaded. A request whose key is known receives
   * its stored outcome, also where a newer version or another setting would refuse it.
   */
  readonly admit?: () => void | Promise<void>;
  /** Carries the request out and settles the claim. Refusals it throws settle the key, too. */
  readonly perform: (claim: Claim) => Promise<T>;
  /** Derives the response from the result that the key was settled with. */
  readonly replay: (result: string) => Promise<T>;
}

/** Ensures one outcome per key. */
export interface Idempotency {
  /**
   * Performs a request once per key and scope. The key is claimed before anything is decided. A repeated request waits for
   * the first, up to its deadline or `waitMs`, and gets the same result or refusal. A transient failure frees the key.
   *
   * @throws KontorError IDEMPOTENCY_KEY_REUSED if the key was used with another request; IDEMPOTENCY_IN_FLIGHT if the first
   * request is still running; the stored refusal; or what `perform` throws.
   */
  once<T>(request: KeyedRequest, work: KeyedWork<T>): Promise<{ readonly value: T; readonly replayed: boolean }>;
}

/** How long repeated requests wait, and how long claims outlive their requests. */
export interface IdempotencyOptions {
  /**
   * Connections for looking up the keys of requests that `admit` refused. Separate connections keep these lookups from waiting behind
   * running requests. Default: those of the database.
   */
  readonly lookups?: Sql;
  /** Longest time that a repeated request waits for the first, in milliseconds. Default 3 s. */
  readonly waitMs?: number;
  /** How long a claim outlives the deadline of its request, in milliseconds. Default 5 s. */
  readonly graceMs?: number;
}

const LONGEST_LEASE_MS = 60_000;
const FIRST_POLL_MS = 20;
const LONGEST_POLL_MS = 250;
/** Time that a waiting request leaves for its own response. */
const RESPONSE_MS = 100;

const requests = counter(
  "kontor_idempotent_requests_total",
  "Requests with a key: first, replayed, refused, in_flight, reused, lost (another request took the key over).",
  ["outcome"],
);

/**
 * Creates idempotency over the table of `sql/idempotency.sql`.
 *
 * ```ts
 * import { openDatabase } from "@kontor/postgres";
 * const idempotency = createIdempotency(openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" }));
 * ```
 */
export function createIdempotency(
  db: Database,
  { waitMs = 3_000, graceMs = 5_000, lookups = db }: IdempotencyOptions = {},
): Idempotency {
  const find = createFind(lookups);
  const claim = createClaim(db);

  async function once<T>(request: KeyedRequest, work: KeyedWork<T>) {
    const { call, replay } = work;
    const rejection = await rejectionOf(work.admit);
    const waiting = createWait(call, waitMs);
    for (;;) {
      const token = randomUUID();
      const known = await (rejection === undefined ? claim(request, token, leaseOf(call)) : find(request));
      switch (known.state) {
        case "claimed": {
          const outcome = await attempt(request, token, work);
          if (outcome !== undefined) return outcome;
          break; // Another request decides the key by now.
        }
        case "absent":
          throw rejection?.reason;
        case "running":
          if (await waiting()) break;
          requests.inc({ outcome: "in_flight" });
          throw idempotencyErrors.IDEMPOTENCY_IN_FLIGHT({ retryAfterMs: IN_FLIGHT_RETRY_MS });
        default:
          return { value: await repeated(known, replay), replayed: true };
      }
    }
  }

  /** Returns undefined if the outcome of the key is another request's, or is known by the key only. */
  async function attempt<T>(request: KeyedRequest, token: string, { perform }: KeyedWork<T>) {
    failpoint("idempotency.claimed", db.service);
    try {
      const value = await perform({ settle: (tx, result) => settle(tx, request, token, result) });
      requests.inc({ outcome: "first" });
      return { value, replayed: false };
    } catch (error) {
      if (error instanceof ClaimLost) {
        requests.inc({ outcome: "lost" });
        return undefined;
      }
      // A refusal counts once it is stored: if it cannot be, the caller gets that failure, and repeats.
      const isOurs = isRefusal(error)
        ? await refuse(db, request, token, error)
        : await release(db, request, token).catch(() => true); // The lease ends on its own.
      if (!isOurs) return undefined;
      requests.inc({ outcome: isRefusal(error) ? "refused" : "failed" });
      throw error;
    }
  }

  function leaseOf({ deadline }: CallLimits): number {
    return Math.min(Math.max(deadline.getTime() - Date.now(), 0) + graceMs, LONGEST_LEASE_MS);
  }

  return { once };
}

type Decided = Extract<Known, { state: "settled" | "refused" | "reused" }>;

async function repeated<T>(known: Decided, replay: KeyedWork<T>["replay"]): Promise<T> {
  switch (known.state) {
    case "settled":
      requests.inc({ outcome: "replayed" });
      return replay(known.result);
    case "refused":
      requests.inc({ outcome: "replayed" });
      throw decodeRefusal(known.refusal);
    case "reused":
      requests.inc({ outcome: "reused" });
      throw idempotencyErrors.IDEMPOTENCY_KEY_REUSED();
  }
}

/** Returns a function that waits longer each time, and resolves to false once the time is over. */
function createWait({ deadline, signal }: CallLimits, waitMs: number): () => Promise<boolean> {
  const end = Math.min(Date.now() + waitMs, deadline.getTime() - RESPONSE_MS);
  let poll = FIRST_POLL_MS;
  return async () => {
    const left = end - Date.now();
    if (left <= 0) return false;
    await delay(Math.min(poll * (0.5 + Math.random() / 2), left), undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    poll = Math.min(poll * 2, LONGEST_POLL_MS);
    return true;
  };
}

async function rejectionOf(admit: KeyedWork<unknown>["admit"]): Promise<{ readonly reason: unknown } | undefined> {
  try {
    await admit?.();
    return undefined;
  } catch (reason) {
    return { reason };
  }
}
