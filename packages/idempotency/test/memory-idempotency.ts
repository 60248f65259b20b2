import type { MemoryDatabase } from "@kontor/testing/memory-database";
import { idempotencyErrors } from "../src/errors.ts";
import type { Idempotency, KeyedRequest, KeyedWork } from "../src/index.ts";
import { decodeRefusal, encodeRefusal, isRefusal } from "../src/refusal.ts";

interface Decided {
  readonly hash: string;
  readonly result?: string;
  readonly refusal?: string;
}

const keyOf = ({ scope, key }: KeyedRequest): string => JSON.stringify([scope, key]);
const hashOf = ({ hash }: KeyedRequest): string => Buffer.from(hash).toString("hex");

/**
 * Creates idempotency in memory. It passes the tests of the one on PostgreSQL in `idempotency-contract.test.ts`. A repeated request
 * waits for the first without a limit, because no process can end in between.
 */
export function createMemoryIdempotency(db: MemoryDatabase): Idempotency {
  const decided = db.table<string, Decided>();
  const running = new Map<string, { readonly hash: string; readonly done: Promise<unknown> }>();

  async function attempt<T>(request: KeyedRequest, { perform }: KeyedWork<T>): Promise<T> {
    const [key, hash] = [keyOf(request), hashOf(request)];
    const settle = async (tx: object, result: string) => void decided.rows(tx).set(key, { hash, result });
    try {
      return await perform({ settle });
    } catch (error) {
      if (isRefusal(error)) {
        const refusal = encodeRefusal(error);
        await db.transaction(async (tx) => void decided.rows(tx).set(key, { hash, refusal }));
      }
      throw error;
    }
  }

  async function once<T>(request: KeyedRequest, work: KeyedWork<T>) {
    const rejection = await Promise.resolve()
      .then(() => work.admit?.())
      .then(
        () => undefined,
        (reason: unknown) => ({ reason }),
      );
    const [key, hash] = [keyOf(request), hashOf(request)];
    for (;;) {
      const first = running.get(key);
      const known = decided.rows().get(key);
      if ((known ?? first)?.hash !== undefined && (known ?? first)?.hash !== hash)
        throw idempotencyErrors.IDEMPOTENCY_KEY_REUSED();
      if (known?.refusal !== undefined) throw decodeRefusal(known.refusal);
      if (known?.result !== undefined) return { value: await work.replay(known.result), replayed: true };
      if (first === undefined) {
        if (rejection !== undefined) throw rejection.reason;
        const value = attempt(request, work);
        running.set(key, { hash, done: value.catch(() => undefined).finally(() => running.delete(key)) });
        return { value: await value, replayed: false };
      }
      await first.done;
    }
  }

  return { once };
}
