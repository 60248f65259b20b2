import { randomUUID } from "node:crypto";
import type { Database, Sql, Tx } from "@kontor/postgres";
import { injectTrace, type Logger } from "@kontor/telemetry";
import { advance } from "../attempt/advance.ts";
import { leaseOf, type SagaDeps } from "../attempt/attempt.ts";
import type { Saga, SagaFailure } from "../definition/definition.ts";
import { sagaErrors } from "../errors.ts";
import { ended, measurePhases } from "../metrics.ts";
import { defaults, type SagaSettings } from "../settings.ts";
import { endParked, listParked, type ParkedSaga, unpark } from "../store/parked.ts";
import { type Backlog, readBacklog } from "../store/queue.ts";
import { abort, insert, wake } from "../store/requests.ts";
import { createDispatcher } from "./dispatcher.ts";

/** The dependencies and settings of an engine. Settings have defaults. */
export interface SagaEngineOptions<Services> extends Partial<SagaSettings> {
  /** The database with the tables of sagas. */
  readonly db: Database;
  /** Receives what the engine logs. */
  readonly log: Logger;
  /** The definitions that this engine runs. Sagas of other names are left alone. */
  readonly sagas: readonly Saga<Services>[];
  /** Passed to every step. */
  readonly services: Services;
}

/** Runs sagas. Any number of engines may share a database. */
export interface SagaEngine {
  /** Begins to claim sagas that are due. Repeating it is a no-op. */
  start(): void;
  /** Lets steps in flight finish within the grace time, abandons the rest, and gives every lease back. */
  stop(): Promise<void>;
  /**
   * Begins a saga in the caller's transaction; it runs after the commit. Resolves to false, and changes nothing, if a saga of
   * this
   * id exists.
   */
  begin(tx: Tx, name: string, sagaId: string, state: object): Promise<boolean>;
  /**
   * Requests compensation with `reason` as the failure. Resolves to false once the intent of the pivot is stored: then the saga
   * only runs forward. Throws `SAGA_NOT_FOUND`.
   */
  requestAbort(tx: Tx, name: string, sagaId: string, reason: string): Promise<boolean>;
  /**
   * Ends a wait or a backoff after the caller's transaction has committed; with `step`, only of that step. A wake that arrives
   * while the step runs is kept: an attempt that then fails is retried at once.
   */
  wake(tx: Tx, name: string, sagaId: string, step?: string): Promise<void>;
  /** Reads the queue of a saga over the connections of the engine, or over `sql`; see {@link Backlog}. */
  backlog(name: string, sql?: Sql): Promise<Backlog>;
  /** Returns the sagas that need an operator, the longest parked first. */
  parked(): Promise<ParkedSaga[]>;
  /** Resumes the parked sagas of this id, or only the one of `name`, and resets their attempts. Resolves to false if there is none. */
  resume(sagaId: string, name?: string): Promise<boolean>;
  /**
   * Ends a parked saga in the caller's transaction. The caller undoes what is left: neither undos nor `onCompensated` run.
   * Resolves to false if the saga is not parked.
   */
  end(tx: Tx, name: string, sagaId: string, failure: Omit<SagaFailure, "step">): Promise<boolean>;
}

const measureMs = 10_000;

/**
 * Creates an engine. It runs no saga before `start`.
 *
 * ```ts
 * import { openDatabase } from "@kontor/postgres";
 * import { createLogger } from "@kontor/telemetry";
 * const greet = defineSaga<{ name: string }, object>({ name: "greet.v1", steps: [{ name: "greet", run: async () => next() }] });
 * const db = openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" });
 * const engine = createSagaEngine({ db, log: createLogger({ service: "orders" }), sagas: [greet], services: {} });
 * engine.start();
 * await db.transaction((tx) => engine.begin(tx, greet.name, "g-1", { name: "Ada" }));
 * await engine.stop();
 * ```
 */
export function createSagaEngine<Services>(options: SagaEngineOptions<Services>): SagaEngine {
  const { db, log, services } = options;
  const settings: SagaSettings = { ...defaults, ...options };
  const sagas = new Map(options.sagas.map((saga) => [saga.name, saga]));
  const names = [...sagas.keys()];
  const giveUp = new AbortController();
  const deps: SagaDeps<Services> = { db, log, services, settings, giveUp: giveUp.signal };
  const leaseMs = Math.max(...options.sagas.map((saga) => leaseOf(deps, saga).ms));
  const dispatcher = createDispatcher({
    ...settings,
    db,
    log,
    claimant: { owner: randomUUID(), names, leaseMs },
    advance: async (row) => advance(deps, known(row.name), row),
  });
  let measuring: NodeJS.Timeout | undefined;

  function known(name: string): Saga<Services> {
    const saga = sagas.get(name);
    if (saga === undefined) throw sagaErrors.SAGA_UNKNOWN({ saga: name });
    return saga;
  }

  const measure = () =>
    void measurePhases(db, names).catch((err: unknown) => log.debug({ err }, "saga phases not measured"));

  return {
    start() {
      dispatcher.start();
      measure();
      measuring = setInterval(measure, measureMs);
    },
    async stop() {
      clearInterval(measuring);
      const timer = setTimeout(() => giveUp.abort(), settings.stopGraceMs);
      await dispatcher.stop();
      clearTimeout(timer);
    },
    async begin(tx, name, id, state) {
      const { deadlineMs } = known(name);
      const carrier: Record<string, string> = {};
      injectTrace(carrier);
      const slot = dispatcher.reserve();
      const row = await insert(tx, { name, id }, state, {
        ...(deadlineMs !== undefined && { deadlineMs }),
        ...(carrier.traceparent !== undefined && { traceparent: carrier.traceparent }),
        ...(slot !== undefined && { holder: dispatcher.claimant }),
      });
      if (row?.leased !== true) slot?.free();
      if (row === undefined) return false;
      tx.afterCommit(() => {
        slot?.free();
        if (row.leased) dispatcher.launch(row);
        else dispatcher.poll();
      });
      return true;
    },
    requestAbort(tx, name, id, reason) {
      tx.afterCommit(() => dispatcher.hint({ name, id }));
      return abort(tx, known(name), id, reason);
    },
    async wake(tx, name, id, step) {
      const index = step === undefined ? undefined : known(name).steps.findIndex((known) => known.name === step);
      if (await wake(tx, { name: known(name).name, id }, index)) tx.afterCommit(() => dispatcher.hint({ name, id }));
    },
    backlog: (name, sql = db) => readBacklog(sql, known(name).name),
    parked: () => listParked(db, sagas),
    async end(tx, name, id, failure) {
      const { steps } = known(name);
      const index = await endParked(tx, { name, id }, failure);
      if (index === undefined) return false;
      await tx.query(
        "INSERT INTO saga_log (name, id, step, action, outcome, error) VALUES ($1, $2, $3, 'undo', 'ended', $4)",
        [name, id, steps[index]?.name ?? String(index), failure.message],
      );
      tx.afterCommit(() => ended.inc({ saga: name, phase: "compensated" }));
      return true;
    },
    async resume(id, name) {
      const found = await unpark(db, id, name);
      for (const key of found) dispatcher.hint(key);
      return found.length > 0;
    },
  };
}
