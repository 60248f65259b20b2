import { randomUUID } from "node:crypto";
import type { Database, Sql, Tx } from "@kontor/postgres";
import { injectTrace, type Logger } from "@kontor/telemetry";
import { advance } from "../attempt/advance.ts";
import { leaseOf, type SagaDeps } from "../attempt/attempt.ts";
import { createGiveUp } from "../attempt/give-up.ts";
import type { Saga, SagaFailure } from "../definition/definition.ts";
import { collectDefinitions, keyOf, placesOf } from "../definition/definitions.ts";
import { sagaErrors } from "../errors.ts";
import { statement } from "../gen/statements.ts";
import { ended } from "../metrics.ts";
import { defaults, type SagaSettings } from "../settings.ts";
import { begin } from "../store/begin.ts";
import { endParked, listParked, type ParkedSaga, unpark } from "../store/parked.ts";
import type { SagaRow } from "../store/queue.ts";
import { type Backlog, readBacklog } from "../store/queue.ts";
import { abort, wake } from "../store/requests.ts";
import { createTransitionStore } from "../store/store-transitions.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createWatch } from "./watch.ts";

/** The dependencies and settings of an engine. Settings have defaults. */
export interface SagaEngineOptions<Services> extends Partial<SagaSettings> {
  /** The database with the tables of sagas. */
  readonly db: Database;
  /** Receives the log events of the engine. */
  readonly log: Logger;
  /**
   * The definitions that this engine runs. Of a name with several versions, the newest begins new sagas. Sagas of other definitions
   * are left to other engines; they are parked when no engine has claimed them for `definitionGraceMs`.
   */
  readonly sagas: readonly Saga<Services>[];
  /** Passed to every step. */
  readonly services: Services;
}

/** Runs sagas. Any number of engines may share a database. */
export interface SagaEngine {
  /** Begins to claim sagas that are due. Repeating it is a no-op. */
  start(): void;
  /** Lets steps in flight finish within the grace time, abandons the rest, and releases every lease. */
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
   * Ends a wait or a backoff after the caller's transaction has committed; with `step`, only of that step. A wake that arrives while the
   * step runs is stored: an attempt that then fails is retried at once.
   */
  wake(tx: Tx, name: string, sagaId: string, step?: string): Promise<void>;
  /** Reads the queue of a saga over the connections of the engine, or over `sql`; see {@link Backlog}. */
  backlog(name: string, sql?: Sql): Promise<Backlog>;
  /** Returns the sagas that need an operator, the longest parked first. */
  parked(): Promise<ParkedSaga[]>;
  /** Resumes the parked sagas of this id, or only the one of `name`, and resets their attempts. Resolves to false if there is none. */
  resume(sagaId: string, name?: string): Promise<boolean>;
  /**
   * Ends a parked saga in the caller's transaction. The caller undoes the remaining effects: neither undos nor `onCompensated` run.
   * Resolves to false if the saga is not parked.
   */
  end(tx: Tx, name: string, sagaId: string, failure: Omit<SagaFailure, "step">): Promise<boolean>;
}

const LOG_END = statement(
  "saga.log-end",
  "INSERT INTO saga_log (name, id, step, action, outcome, error) VALUES ($1, $2, $3, 'undo', 'ended', $4)",
  { prepared: false },
);

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
  const definitions = collectDefinitions(options.sagas);
  const giveUp = createGiveUp();
  const store = createTransitionStore(db);
  const deps: SagaDeps<Services> = { db, store, log, services, settings, giveUp };
  const leaseMs = Math.max(...options.sagas.map((saga) => leaseOf(deps, saga).ms));
  const dispatcher = createDispatcher({
    ...settings,
    db,
    log,
    claimant: { owner: randomUUID(), definitions: definitions.keys, leaseMs },
    advance: async (row) => advance(deps, definitionOf(row), row),
  });
  const watch = createWatch(deps, definitions, dispatcher.hint);

  function definitionOf(row: SagaRow): Saga<Services> {
    const saga = definitions.find(row);
    if (saga === undefined) throw sagaErrors.SAGA_UNKNOWN({ saga: keyOf(row) });
    return saga;
  }

  return {
    start() {
      dispatcher.start();
      watch.start();
    },
    async stop() {
      const timer = setTimeout(() => giveUp.giveUp(), settings.stopGraceMs);
      await Promise.all([dispatcher.stop(), watch.stop()]);
      clearTimeout(timer);
    },
    async begin(tx, name, id, state) {
      const saga = definitions.newest(name);
      const carrier: Record<string, string> = {};
      injectTrace(carrier);
      const slot = dispatcher.reserve();
      const holder = slot && dispatcher.claimant;
      const row = await begin(tx, { saga, id, state, traceparent: carrier.traceparent, holder });
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
      return abort(tx, { name, id }, definitions.versions(name), reason);
    },
    async wake(tx, name, id, step) {
      const places = definitions.versions(name).flatMap((saga) => placesOf(saga, step ?? ""));
      if (await wake(tx, { name, id }, step === undefined ? undefined : places))
        tx.afterCommit(() => dispatcher.hint({ name, id }));
    },
    backlog: (name, sql = db) => readBacklog(sql, definitions.newest(name).name),
    parked: () => listParked(db, definitions),
    async end(tx, name, id, failure) {
      const row = await endParked(tx, { name, id }, failure);
      if (row === undefined) return false;
      const step = definitions.find(row)?.steps[row.step]?.name ?? String(row.step);
      await tx.query(LOG_END, [name, id, step, failure.message]);
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
