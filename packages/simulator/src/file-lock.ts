import { DatabaseSync } from "node:sqlite";

/** SQLite's result code of a database that another process locks. */
const BUSY = 5;
/** A stopping process may hold the lock a little longer. */
const PATIENCE_MS = 2_000;

/**
 * Locks `path` for this process until `release`, or until the process ends in any way: it is a lock of the kernel
 * (SQLite's exclusive lock on an empty file next to `path`). It also holds between containers that share a volume on a node, and
 * ends with its owner.
 *
 * @throws Error if another process holds the lock for more than 2 s.
 */
export function lockFile(path: string): { release(): void } {
  const database = new DatabaseSync(`${path}.lock`, { timeout: PATIENCE_MS });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (!(cause instanceof Error && "errcode" in cause && cause.errcode === BUSY)) throw cause;
    throw new Error(`Another process uses ${path}. Stop it, or set DATA_DIR to another folder.`, { cause });
  }
  return { release: () => database.close() };
}
