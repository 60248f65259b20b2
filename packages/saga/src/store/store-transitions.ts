import { AsyncLocalStorage } from "node:async_hooks";
import { type Blocked, blocked, createBatch } from "@kontor/batch";
import { failpoint } from "@kontor/failpoint";
import { type Database, pipelined, type Sql, type Tx } from "@kontor/postgres";
import { isAttempted } from "../definition/phases.ts";
import type { SagaRow } from "./queue.ts";
import { type Ending, type StoredTransition, storeTransitions } from "./transition.ts";

/** Thrown when this engine no longer holds the row: the lease expired and another engine has claimed it. */
export class FenceLost extends Error {
  override readonly name = "FenceLost";
}

/** Returns the records in the transaction of a transition, for the row as stored. */
export type Recording = (tx: Tx, stored: SagaRow) => Promise<unknown>;

/**
 * Stores a transition, together with those of other sagas. Resolves to the row as stored, after the commit. Rejects with
 * {@link FenceLost} if the claim is no longer current, and with the error of `recording`: then nothing of this saga is stored.
 */
export type StoreTransition = (ending: Ending, recording?: Recording) => Promise<SagaRow>;

interface Request {
  readonly ending: Ending;
  readonly recording: Recording | undefined;
}

const MAX_FLIGHTS = 2;
const MAX_SIZE = 128;

/**
 * Creates the store of transitions. All sagas that are ready share a statement, and a transaction if one of them records something. A
 * transition whose row is locked, or that is no longer fenced, leaves the flight and is stored alone. After a lost response to COMMIT
 * nothing is repeated: the engine claims the sagas again and reads their stored state.
 */
export function createTransitionStore(db: Database): StoreTransition {
  const store = createBatch<Request, SagaRow>({
    name: "saga.transitions",
    maxFlights: MAX_FLIGHTS,
    maxSize: MAX_SIZE,
    maxWaiting: Number.POSITIVE_INFINITY,
    async run(requests, { waitFor }) {
      const fly = (sql: Sql, tx?: Tx) =>
        storeAll(sql, tx, requests, waitFor !== undefined, () => failpoint("saga.transitions-stored", db.service));
      const stored = requests.some(({ recording }) => recording !== undefined)
        ? await db.transaction((tx) => fly(tx, tx))
        : await fly(db);
      failpoint("saga.flight-stored", db.service);
      return stored;
    },
  });
  return (ending, recording) => {
    const { row, to } = ending;
    if (!isAttempted(row.phase, to.phase))
      return Promise.reject(new Error(`No attempt moves a saga from ${row.phase} to ${to.phase}.`));
    if (recording === undefined) return store({ ending, recording });
    const inCall = AsyncLocalStorage.snapshot(); // The records of a saga have its trace.
    return store({ ending, recording: (tx, stored) => inCall(recording, tx, stored) });
  };
}

async function storeAll(
  sql: Sql,
  tx: Tx | undefined,
  requests: readonly Request[],
  waits: boolean,
  onStored: () => void,
): Promise<(SagaRow | Blocked)[]> {
  const endings = requests.map(({ ending }) => ending);
  const byPlace = new Map((await storeTransitions(sql, endings, { waits })).map((stored) => [stored.place, stored]));
  const results = endings.map((ending, index) => {
    const stored = byPlace.get(index + 1);
    return stored === undefined ? notStored(ending, waits) : rowOf(ending, stored);
  });
  onStored();
  if (tx !== undefined)
    await pipelined(
      requests.map(({ recording }, index) => {
        const result = results[index];
        return result !== undefined && isRow(result) ? recording?.(tx, result) : undefined;
      }),
    );
  return results;
}

/** Throws FenceLost after it has waited for the row, if the saga is no longer claimed. Otherwise the transition waits alone. */
function notStored({ row }: Ending, waits: boolean): Blocked {
  if (waits) throw new FenceLost(`Saga ${row.name} ${row.id} is no longer held at version ${row.version}.`);
  return blocked(`${row.name}\u0000${row.id}`);
}

function isRow(result: SagaRow | Blocked): result is SagaRow {
  return "version" in result;
}

function rowOf({ row, to }: Ending, { place: _, lock_timeout: __, ...stored }: StoredTransition): SagaRow {
  return { ...row, ...stored, state: to.state ?? row.state, failure: to.failure ?? row.failure };
}
