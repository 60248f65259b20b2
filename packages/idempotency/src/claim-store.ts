import { createBatch } from "@kontor/batch";
import type { KontorError } from "@kontor/errors";
import type { Database, RowOf, Sql, Tx } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";
import { isUnstorable, undefinedIfUnstorable } from "./known-first.ts";
import { encodeRefusal } from "./refusal.ts";

/** A key, whose it is, and what it was sent with. */
export interface KeyedRequest {
  /** Namespace of the key, such as the id of the user. Keys of different scopes never meet. */
  readonly scope: string;
  /** The key as the client sent it; see {@link keyViolation}. */
  readonly key: string;
  /** Hash of what the request asks for; see `requestHash`. */
  readonly hash: Buffer;
}

/** What is known of a key. */
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

// One statement: reads the key without a lock, and writes only if the key is free or its lease has expired. The commit does
// not wait for the disk: a claim that a crash loses is missed by `settle`, and the request is tried again.
const CLAIM = statement(
  "idempotency.claim",
  `WITH known AS MATERIALIZED (
    SELECT request_hash = $3 AS same, lease_until <= now() AS expired, result, refusal
    FROM idempotency_claims WHERE scope = $1 AND key = $2
  ), claimed AS (
    INSERT INTO idempotency_claims AS claim (scope, key, request_hash, token, lease_until)
    SELECT $1, $2, $3, $4::uuid, now() + $5::float8 * interval '1 ms'
    WHERE NOT EXISTS (SELECT FROM known WHERE NOT same OR expired IS NOT TRUE)
    ON CONFLICT (scope, key) DO UPDATE SET token = excluded.token, lease_until = excluded.lease_until
    WHERE claim.lease_until <= now() AND claim.request_hash = excluded.request_hash
    RETURNING token
  )
  SELECT EXISTS (SELECT FROM claimed) AS claimed, same, expired, result, refusal, set_config
  FROM set_config('synchronous_commit', 'off', true) LEFT JOIN known ON true`,
);

const FIND = statement(
  "idempotency.find",
  `SELECT false AS claimed, request_hash = asked.hash AS same, lease_until <= now() AS expired, result, refusal
  FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS asked (scope, key, hash, place)
  LEFT JOIN idempotency_claims USING (scope, key) ORDER BY place`,
);

const HELD = "scope = $1 AND key = $2 AND token = $3 AND lease_until IS NOT NULL";
const SETTLE = statement(
  "idempotency.settle",
  `UPDATE idempotency_claims SET result = $4, lease_until = NULL WHERE ${HELD} RETURNING 1`,
);
const REFUSE = statement(
  "idempotency.refuse",
  `UPDATE idempotency_claims SET refusal = $4, lease_until = NULL WHERE ${HELD} RETURNING 1`,
);
const RELEASE = statement("idempotency.release", `DELETE FROM idempotency_claims WHERE ${HELD} RETURNING 1`);

/** Claims the key for `leaseMs` under a fencing token, or returns what is known of it. A running request stays running. */
export async function claim(db: Database, request: KeyedRequest, token: string, leaseMs: number): Promise<Known> {
  const [row] = await db.query(CLAIM, [request.scope, request.key, request.hash, token, leaseMs]);
  if (row?.claimed) return { state: "claimed" };
  const known = knownOf(row);
  // Nothing was visible, and nothing could be inserted: another request claimed the key in this instant.
  return known.state === "absent" ? { state: "running" } : known;
}

/** Returns a function that returns what is known of a key, and claims nothing. Keys that are looked up at once share a statement. */
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

/** Settles a claimed key in the transaction of its effect. @throws ClaimLost */
export async function settle(tx: Tx, { scope, key }: KeyedRequest, token: string, result: string): Promise<void> {
  const settled = await tx.query(SETTLE, [scope, key, token, result]);
  if (settled.length === 0) throw new ClaimLost("The idempotency key was taken over by another request.");
}

/** Settles a claimed key with a refusal. Returns false if the key is not held under this token any more. */
export async function refuse(db: Database, { scope, key }: KeyedRequest, token: string, refusal: KontorError) {
  return (await db.query(REFUSE, [scope, key, token, encodeRefusal(refusal)])).length > 0;
}

/** Frees a claimed key. Returns false if the key is not held under this token any more. */
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
