import { createBatch, createJoin } from "@kontor/batch";
import type { KontorError } from "@kontor/errors";
import type { Database, RowOf, Sql, Tx } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";
import { isUnstorable, undefinedIfUnstorable } from "./known-first.ts";
import { encodeRefusal } from "./refusal.ts";

/** A key, its scope, and the hash of its request. */
export interface KeyedRequest {
  /** Namespace of the key, such as the id of the user. Keys of different scopes are independent. */
  readonly scope: string;
  /** The key as the client sent it; see {@link keyViolation}. */
  readonly key: string;
  /** The hash of the request; see `requestHash`. */
  readonly hash: Buffer;
}

/** The stored state of a key. */
export type Known =
  | { readonly state: "claimed" }
  | { readonly state: "absent" }
  | { readonly state: "running" }
  | { readonly state: "reused" }
  | { readonly state: "settled"; readonly result: string }
  | { readonly state: "refused"; readonly refusal: string };

/** Thrown by {@link settle} when the key belongs to another request by now. The transaction has to roll back. */
export class ClaimLost extends Error {
  override readonly name = "ClaimLost";
}

// One statement for all that are claimed at the same time: reads the keys without a lock, and writes only those that are free or whose lease
// has expired. The commit does not wait for the disk: a claim that a crash loses is missed by `settle`, and the request is tried again.
const CLAIM = statement(
  "idempotency.claim",
  `WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::float8[]) WITH ORDINALITY
      AS t (scope, key, hash, token, lease_ms, place)
  ), known AS MATERIALIZED (
    SELECT place, request_hash = hash AS same, lease_until <= now() AS expired, result, refusal,
      claims.token = asked.token AND lease_until IS NOT NULL AS mine -- In a flight that is repeated after it failed.
    FROM asked JOIN idempotency_claims claims USING (scope, key)
  ), claimed AS (
    INSERT INTO idempotency_claims AS claim (scope, key, request_hash, token, lease_until)
    SELECT scope, key, hash, asked.token, now() + lease_ms * interval '1 ms' FROM asked
    WHERE NOT EXISTS (SELECT FROM known WHERE known.place = asked.place AND (NOT same OR expired IS NOT TRUE))
    ORDER BY scope, key
    ON CONFLICT (scope, key) DO UPDATE SET token = excluded.token, lease_until = excluded.lease_until
    WHERE claim.lease_until <= now() AND claim.request_hash = excluded.request_hash
    RETURNING token
  )
  SELECT claimed.token IS NOT NULL OR coalesce(mine, false) AS claimed, same, expired, result, refusal, set_config
  FROM set_config('synchronous_commit', 'off', true), asked LEFT JOIN known USING (place) LEFT JOIN claimed USING (token)
  ORDER BY place`,
);

const FIND = statement(
  "idempotency.find",
  `SELECT false AS claimed, request_hash = asked.hash AS same, lease_until <= now() AS expired, result, refusal
  FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS asked (scope, key, hash, place)
  LEFT JOIN idempotency_claims USING (scope, key) ORDER BY place`,
);

const SETTLE = statement(
  "idempotency.settle",
  `UPDATE idempotency_claims c SET result = t.result, lease_until = NULL
  FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[]) AS t (scope, key, token, result)
  WHERE c.scope = t.scope AND c.key = t.key AND c.token = t.token AND c.lease_until IS NOT NULL RETURNING c.token`,
);
const HELD = "scope = $1 AND key = $2 AND token = $3 AND lease_until IS NOT NULL";
const REFUSE = statement(
  "idempotency.refuse",
  `UPDATE idempotency_claims SET refusal = $4, lease_until = NULL WHERE ${HELD} RETURNING 1`,
);
const RELEASE = statement("idempotency.release", `DELETE FROM idempotency_claims WHERE ${HELD} RETURNING 1`);

interface ClaimRequest {
  readonly request: KeyedRequest;
  readonly token: string;
  readonly leaseMs: number;
}

/**
 * Returns a function that claims a key for `leaseMs` under a fencing token, or returns its stored state. A running request remains running.
 * Keys that are claimed at once share a statement.
 */
export function createClaim(db: Sql): (request: KeyedRequest, token: string, leaseMs: number) => Promise<Known> {
  const claim = createBatch<ClaimRequest, RowOf<typeof CLAIM>>({
    name: "idempotency.claims",
    maxFlights: 2,
    run: (requests) => claimAll(db, requests),
  });
  return async (request, token, leaseMs) => {
    const row = await claim({ request, token, leaseMs });
    if (row.claimed) return { state: "claimed" };
    const known = knownOf(row);
    // Nothing was visible, and nothing could be inserted: another request claimed the key in this instant.
    return known.state === "absent" ? { state: "running" } : known;
  };
}

/** Claims each key once. A repeated key is claimed after the others, so that it finds the result of the first claim. */
async function claimAll(db: Sql, requests: readonly ClaimRequest[]): Promise<RowOf<typeof CLAIM>[]> {
  const results = new Map<ClaimRequest, RowOf<typeof CLAIM>>();
  for (let rest = requests; rest.length > 0; ) {
    const firsts = new Map(rest.toReversed().map((one) => [JSON.stringify([one.request.scope, one.request.key]), one]));
    const now = rest.filter((one) => firsts.get(JSON.stringify([one.request.scope, one.request.key])) === one);
    rest = rest.filter((one) => !now.includes(one));
    const rows = await db.query(CLAIM, [
      now.map(({ request }) => request.scope),
      now.map(({ request }) => request.key),
      now.map(({ request }) => request.hash),
      now.map(({ token }) => token),
      now.map(({ leaseMs }) => leaseMs),
    ]);
    for (const [index, row] of rows.entries()) {
      const one = now[index];
      if (one) results.set(one, row);
    }
  }
  return requests.flatMap((one) => results.get(one) ?? []);
}

/** Returns a function that returns the stored state of a key, and claims nothing. Keys that are looked up at once share a statement. */
export function createFind(sql: Sql): (request: KeyedRequest) => Promise<Known> {
  const find = createBatch<KeyedRequest, RowOf<typeof FIND>>({
    name: "idempotency.lookups",
    run: (requests) => {
      const keys = requests.map(({ key }) => key);
      return sql.query(FIND, [requests.map(({ scope }) => scope), keys, requests.map(({ hash }) => hash)]);
    },
    keyOf: ({ key }) => key,
    splits: isUnstorable,
  });
  return async (request) => knownOf(await find(request).catch(undefinedIfUnstorable));
}

interface Settlement {
  readonly request: KeyedRequest;
  readonly token: string;
  readonly result: string;
}

const joinSettle = createJoin(async (tx: Tx, settlements: readonly Settlement[]) => {
  const settled = await tx.query(SETTLE, [
    settlements.map(({ request }) => request.scope),
    settlements.map(({ request }) => request.key),
    settlements.map(({ token }) => token),
    settlements.map(({ result }) => result),
  ]);
  const tokens = new Set(settled.map(({ token }) => token));
  return settlements.map(({ token }) => tokens.has(token));
});

/** Settles a claimed key in the transaction of its effect, with those that are settled in it at the same time. @throws ClaimLost */
export async function settle(tx: Tx, request: KeyedRequest, token: string, result: string): Promise<void> {
  if (!(await joinSettle(tx, { request, token, result })))
    throw new ClaimLost("The idempotency key was taken over by another request.");
}

/** Settles a claimed key with a refusal. Returns false if the key is no longer claimed under this token. */
export async function refuse(db: Database, { scope, key }: KeyedRequest, token: string, refusal: KontorError) {
  return (await db.query(REFUSE, [scope, key, token, encodeRefusal(refusal)])).length > 0;
}

/** Frees a claimed key. Returns false if the key is no longer claimed under this token. */
export async function release(db: Database, { scope, key }: KeyedRequest, token: string): Promise<boolean> {
  return (await db.query(RELEASE, [scope, key, token])).length > 0;
}

function knownOf(row: Omit<RowOf<typeof FIND>, "claimed"> | undefined): Known {
  if (row === undefined || row.same === null) return { state: "absent" };
  if (!row.same) return { state: "reused" };
  if (row.result !== null) return { state: "settled", result: row.result };
  if (row.refusal !== null) return { state: "refused", refusal: row.refusal };
  return { state: row.expired ? "absent" : "running" };
}
