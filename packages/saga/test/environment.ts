import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { createLogger } from "@kontor/telemetry";
import { rowsOf, startPostgres } from "@kontor/testing";
import { createSagaEngine, type Saga, type SagaEngine, type SagaSettings, sagaTables } from "../src/index.ts";

/** The remote system of the tests' steps: it records calls and fails by `on`. */
export interface Remote {
  readonly calls: string[];
  /** Throws, waits or returns for a call such as `run b` or `undo a`. */
  on: Record<string, (nth: number) => unknown>;
  call(name: string): Promise<unknown>;
}

export function recordingRemote(): Remote {
  const calls: string[] = [];
  const remote: Remote = {
    calls,
    on: {},
    async call(name) {
      calls.push(name);
      return remote.on[name]?.(calls.filter((call) => call === name).length);
    },
  };
  return remote;
}

export interface Environment {
  readonly url: string;
  readonly db: Database;
  /** Started at once, stopped at the end of the test. */
  engine<S>(sagas: readonly Saga<S>[], services: S, settings?: Partial<SagaSettings>): SagaEngine;
  begin(engine: SagaEngine, name: string, id: string, state?: object): Promise<boolean>;
  row(
    id: string,
  ): Promise<{ phase: string; step: number; attempts: number; failure: unknown; state: unknown; held: boolean }>;
  history(id: string): Promise<string[]>;
  close(): Promise<void>;
}

export async function openEnvironment(): Promise<Environment> {
  const postgres = await startPostgres();
  const database = await postgres.createDatabase("saga");
  const db = openDatabase({ url: database.url, service: "saga-test" });
  await migrate({ url: database.url, folders: [sagaTables], log: { info: () => undefined } });
  await db.query("CREATE TABLE facts (at bigint GENERATED ALWAYS AS IDENTITY, saga text, fact text)");
  const engines: SagaEngine[] = [];
  const log = createLogger({ service: "saga-test", level: "silent" });
  return {
    url: database.url,
    db,
    engine(sagas, services, settings) {
      const quick = {
        pollMs: 20,
        retry: { baseMs: 1, capMs: 5 },
        undoRetry: { baseMs: 1, capMs: 5 },
        stopGraceMs: 100,
      };
      const engine = createSagaEngine({ db, log, sagas, services, ...quick, ...settings });
      engine.start();
      engines.push(engine);
      return engine;
    },
    begin: (engine, name, id, state = {}) => db.transaction((tx) => engine.begin(tx, name, id, state)),
    async row(id) {
      const [row] = await rowsOf<Awaited<ReturnType<Environment["row"]>>>(
        db,
        "SELECT phase, step, attempts, failure, state, owner IS NOT NULL AS held FROM sagas WHERE id = $1",
        [id],
      );
      if (row === undefined) throw new Error(`There is no saga ${id}.`);
      return row;
    },
    async history(id) {
      const rows = await rowsOf<{ line: string }>(
        db,
        "SELECT concat_ws(' ', action, step, outcome) AS line FROM saga_log WHERE id = $1 ORDER BY seq",
        [id],
      );
      return rows.map(({ line }) => line);
    },
    async close() {
      await Promise.all(engines.map((engine) => engine.stop()));
      await db.close();
      await database.drop();
    },
  };
}
