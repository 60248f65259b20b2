import type { MemoryDatabase } from "@kontor/testing/memory-database";
import { collectDefinitions } from "../src/definition/definitions.ts";
import { sagaErrors } from "../src/errors.ts";
import type { Saga, SagaEngine, SagaPhase, SagaSettings } from "../src/index.ts";
import { attempt } from "./memory-attempt.ts";
import { isActive, keyOf, type MemorySaga, openSagas } from "./memory-rows.ts";

/** The dependencies of an engine in memory. Settings have the defaults of the engine on PostgreSQL. */
export interface MemoryEngineOptions<Services> extends Partial<SagaSettings> {
  readonly db: MemoryDatabase;
  readonly sagas: readonly Saga<Services>[];
  readonly services: Services;
  readonly clock: { readonly now: () => Date; readonly advance: (ms: number) => void };
}

/** An engine whose attempts the test triggers. */
export interface MemoryEngine extends SagaEngine {
  /** Attempts sagas until none is due within the next `ms`, moving the clock to when each is due. Default: 0. */
  run(ms?: number): Promise<void>;
  phaseOf(name: string, id: string): SagaPhase | undefined;
}

/** A saga that is attempted more often than this does not end. */
const MOST_ATTEMPTS = 10_000;

/**
 * Creates an engine in memory. It attempts one step at a time, without time limits of steps, and passes the tests of the engine on
 * PostgreSQL in `engine-contract.test.ts`.
 */
export function createMemoryEngine<Services>(options: MemoryEngineOptions<Services>): MemoryEngine {
  const { db, sagas, services, clock, ...settings } = options;
  const definitions = collectDefinitions(sagas);
  const rows = openSagas(db);
  const inFlight = new Set<string>();
  const deps = { db, rows, services, now: clock.now, settings };
  const time = () => clock.now().getTime();
  const parkedRows = () => [...rows.rows().values()].filter(({ phase }) => phase === "parked");

  /** Returns the time at which a saga is due now. One in flight reads the request when its attempt ends. */
  const dueNow = (row: MemorySaga) => (inFlight.has(keyOf(row.name, row.id)) ? {} : { wakeAt: time() });

  function next(until: number): MemorySaga | undefined {
    const waiting = [...rows.rows().values()].filter((row) => isActive(row) && row.wakeAt <= until);
    return waiting.sort((a, b) => a.wakeAt - b.wakeAt)[0];
  }

  async function attemptNext(row: MemorySaga): Promise<void> {
    const key = keyOf(row.name, row.id);
    const saga = definitions.find(row);
    if (saga === undefined) throw sagaErrors.SAGA_UNKNOWN({ saga: row.name });
    clock.advance(Math.max(0, row.wakeAt - time()));
    const claimed = { ...row, woken: false };
    await db.transaction(async (tx) => void rows.rows(tx).set(key, claimed));
    inFlight.add(key);
    try {
      await attempt(deps, saga, claimed);
    } finally {
      inFlight.delete(key);
    }
  }

  return {
    start: () => undefined,
    stop: async () => undefined,
    phaseOf: (name, id) => rows.rows().get(keyOf(name, id))?.phase,
    async run(ms = 0) {
      const until = time() + ms;
      for (let count = 0; ; count += 1) {
        if (count === MOST_ATTEMPTS) throw new Error(`Sagas were due after ${MOST_ATTEMPTS} attempts.`);
        const row = next(until);
        if (row === undefined) break;
        await attemptNext(row);
      }
      clock.advance(Math.max(0, until - time()));
    },
    async begin(tx, name, id, state) {
      const saga = definitions.newest(name);
      const key = keyOf(name, id);
      if (rows.rows(tx).has(key)) return false;
      const stored: object = JSON.parse(JSON.stringify(state));
      const begun = { name, id, definition_version: saga.version, phase: "running", step: 0, attempts: 0 } as const;
      const deadline = saga.deadlineMs === undefined ? {} : { deadlineAt: time() + saga.deadlineMs };
      rows
        .rows(tx)
        .set(key, { ...begun, ...deadline, state: stored, wakeAt: time(), woken: false, since: clock.now() });
      return true;
    },
    async requestAbort(tx, name, id, reason) {
      const key = keyOf(name, id);
      const row = rows.rows(tx).get(key);
      if (row === undefined) throw sagaErrors.SAGA_NOT_FOUND({ saga: name, sagaId: id });
      const before = row.resumePhase ?? row.phase;
      if (row.phase !== "running" || row.step >= (definitions.find(row)?.pivotIndex ?? 0))
        return before === "compensating" || before === "compensated";
      rows.rows(tx).set(key, { ...row, abortReason: row.abortReason ?? reason, ...dueNow(row) });
      return true;
    },
    async wake(tx, name, id, step) {
      const key = keyOf(name, id);
      const row = rows.rows(tx).get(key);
      if (row?.phase !== "running") return;
      if (step !== undefined && definitions.find(row)?.steps[row.step]?.name !== step) return;
      rows.rows(tx).set(key, { ...row, woken: true, ...dueNow(row) });
    },
    async backlog(name) {
      const due = [...rows.rows().values()].filter(
        (row) => row.name === name && isActive(row) && row.wakeAt <= time() && !inFlight.has(keyOf(name, row.id)),
      );
      const oldestMs = Math.max(0, ...due.map(({ wakeAt }) => time() - wakeAt));
      return { waiting: due.length, oldestMs, endedPerSecond: 0 };
    },
    async parked() {
      const oldestFirst = parkedRows().sort((a, b) => a.since.getTime() - b.since.getTime());
      return oldestFirst.map((row) => ({
        name: row.name,
        version: row.definition_version,
        id: row.id,
        step: definitions.find(row)?.steps[row.step]?.name ?? String(row.step),
        action: row.resumePhase === "compensating" ? "undo" : "run",
        error: row.error ?? "",
        failure: row.failure,
        since: row.since,
      }));
    },
    resume: (id, name) =>
      db.transaction(async (tx) => {
        const found = parkedRows().filter((row) => row.id === id && (name === undefined || row.name === name));
        for (const { resumePhase = "running", ...row } of found)
          rows.rows(tx).set(keyOf(row.name, id), { ...row, phase: resumePhase, attempts: 0, wakeAt: time() });
        return found.length > 0;
      }),
    async end(tx, name, id, failure) {
      const key = keyOf(name, id);
      const row = rows.rows(tx).get(key);
      if (row?.phase !== "parked") return false;
      const ended = { ...row, phase: "compensated" as const, failure: row.failure ?? { ...failure, step: "" } };
      rows.rows(tx).set(key, { ...ended, resumePhase: undefined });
      return true;
    },
  };
}
