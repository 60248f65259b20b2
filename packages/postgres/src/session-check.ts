import pg from "pg";
import { baseConfig } from "./connection.ts";
import type { DatabaseAddress } from "./database-url.ts";
import { postgresErrors } from "./errors.ts";
import { selectRows } from "./select-rows.ts";

const ROUNDS = 3;
const TIMEOUT_MS = 5_000;

/**
 * Checks that a connection has one server process until it ends. Leases are session locks and statements
 * are prepared by name, so both break where a pooler gives each transaction another process. A connection without a pooler
 * costs one statement; behind a pooler, a second connection shows whether two of them share a process.
 *
 * @throws KontorError FAILED_PRECONDITION (SESSIONS_SHARED) behind a pooler in transaction or statement mode.
 */
export async function requireOwnSession(client: pg.Client, address: DatabaseAddress): Promise<void> {
  const first = await serverProcess(client);
  if (first === processKey(client)) return; // A pooler makes up the key that a client is given.
  const other = new pg.Client({ ...baseConfig({ ...address, service: "session-check" }), query_timeout: TIMEOUT_MS });
  other.on("error", () => undefined);
  try {
    await other.connect();
    for (let round = 0; round < ROUNDS; round++) {
      const mine = await serverProcess(client);
      if (mine !== first || (await serverProcess(other)) === mine) throw postgresErrors.SESSIONS_SHARED();
    }
  } finally {
    await other.end().catch(() => undefined);
  }
}

async function serverProcess(client: pg.Client): Promise<number | undefined> {
  const [row] = await selectRows(client, { pid: "number" }, "SELECT pg_backend_pid() AS pid");
  return row?.pid;
}

// The types of `pg` leave out the process that the server named at the start.
function processKey(client: pg.Client): unknown {
  return "processID" in client ? client.processID : undefined;
}
