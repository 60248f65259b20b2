import { AsyncLocalStorage } from "node:async_hooks";

/** A transaction of a {@link MemoryDatabase}. It runs no SQL: `query` throws. */
export interface MemoryTx {
  query(...statement: readonly unknown[]): Promise<never>;
  /** Calls `hook` once after the commit, never after a failure. */
  afterCommit(hook: () => void): void;
}

/** Rows by key. Rows are values: a change replaces a row. */
export interface MemoryTable<K, V> {
  /** Returns the rows that a transaction sees, to read and to change; without one the committed rows, to read. */
  rows(tx: object): Map<K, V>;
  rows(tx?: undefined): ReadonlyMap<K, V>;
  rows(tx?: object): ReadonlyMap<K, V>;
}

/** The place of in-memory stores. */
export interface MemoryDatabase {
  /** Runs `work` after all earlier transactions. If it throws, its changes are discarded. */
  transaction<T>(work: (tx: MemoryTx) => Promise<T>): Promise<T>;
  table<K, V>(): MemoryTable<K, V>;
}

interface Copies {
  readonly begin: () => void;
  readonly commit: () => void;
}

/**
 * Creates a place for in-memory stores, which pass the same contract suites as those on PostgreSQL. Its transactions run one after
 * another, so that they are serializable; others see their changes after the commit only.
 *
 * ```ts
 * import { createMemoryDatabase } from "@kontor/testing/memory-database";
 * const db = createMemoryDatabase();
 * const stock = db.table<string, number>();
 * await db.transaction(async (tx) => void stock.rows(tx).set("P-101", 5));
 * stock.rows().get("P-101"); // 5
 * ```
 */
export function createMemoryDatabase(): MemoryDatabase {
  const tables: Copies[] = [];
  const inside = new AsyncLocalStorage<true>();
  let current: MemoryTx | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function run<T>(work: (tx: MemoryTx) => Promise<T>): Promise<T> {
    const hooks: (() => void)[] = [];
    const tx: MemoryTx = {
      query: () => Promise.reject(new Error("A memory transaction runs no SQL. Give the store a twin.")),
      afterCommit: (hook) => void hooks.push(hook),
    };
    for (const table of tables) table.begin();
    current = tx;
    try {
      const result = await inside.run(true, () => work(tx));
      for (const table of tables) table.commit();
      for (const hook of hooks) hook();
      return result;
    } finally {
      current = undefined;
    }
  }

  return {
    transaction(work) {
      if (inside.getStore())
        throw new Error("A transaction began within a transaction, which can take the last connection. Pass its tx.");
      const result = last.then(() => run(work));
      last = result.catch(() => undefined);
      return result;
    },
    table<K, V>() {
      let committed = new Map<K, V>();
      let working = new Map<K, V>();
      tables.push({
        begin: () => {
          working = new Map(committed);
        },
        commit: () => {
          committed = working;
        },
      });
      return {
        rows(tx?: object): Map<K, V> {
          if (tx === undefined) return committed;
          if (tx !== current) throw new Error("A store was called after its transaction had ended. Await each call.");
          return working;
        },
      };
    },
  };
}
