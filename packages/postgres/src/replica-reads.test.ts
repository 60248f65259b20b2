import { registry } from "@kontor/telemetry";
import { eventually, type ReplicatedPostgres, startLossyProxy, startReplicatedPostgres } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./index.ts";
import { createReplicaReads } from "./replica-reads.ts";
import type { Request } from "./sql.ts";

let servers: ReplicatedPostgres;
let db: Database;
const changes: (string | undefined)[] = [];

beforeAll(async () => {
  servers = await startReplicatedPostgres();
  db = openReads(servers.replica.url);
  await db.query("CREATE TABLE notes (id int PRIMARY KEY, words text)");
}, 60_000);

afterAll(async () => {
  await db?.close();
  await servers?.stop();
});

beforeEach(async () => {
  await db.query("TRUNCATE notes");
  await eventually(async () => expect(await serverOfRead()).toBe("replica"));
  changes.length = 0;
});

function openReads(readUrl: string): Database {
  const onReplicaChange = (problem: string | undefined) => void changes.push(problem);
  return openDatabase({ url: servers.primary.url, readUrl, service: "reads", onReplicaChange });
}

const add = (id: number, to: { query: Database["query"] } = db) =>
  to.query("INSERT INTO notes (id, words) VALUES ($1, 'seen')", [id]);
const has = async (id: number, at = db) =>
  (await at.reads.query("SELECT id FROM notes WHERE id = $1", [id])).length > 0;

/** Returns which server runs a read now. */
async function serverOfRead(at = db): Promise<string> {
  const [row] = await at.reads.query("SELECT pg_is_in_recovery() AS replica");
  return row?.replica === true ? "replica" : "primary";
}

describe("reads of a database with a replica", () => {
  it("run at the replica, and see what was written before, by whom it may be", async () => {
    const other = openDatabase({ url: servers.primary.url, service: "other" });
    for (let id = 0; id < 100; id += 1) {
      await (id % 2 === 0 ? add(id) : other.transaction((tx) => add(id, tx)));
      expect(await has(id)).toBe(true);
    }
    await other.close();
    expect(await serverOfRead()).toBe("replica");
  });

  it("that come together share the query for the position of the primary", async () => {
    const url = servers.replica.url;
    let asked = 0;
    const atPrimary = ({ text }: Request) => {
      asked += 1;
      return db.query(text);
    };
    const reads = createReplicaReads({ url, service: "shared", max: 8, atPrimary, onChange: () => undefined });
    const request = { text: "SELECT 1 AS one", values: [], prepared: undefined, label: "one" };
    const rows = await Promise.all(Array.from({ length: 200 }, () => reads.run(request)));
    expect(rows).toEqual(Array(200).fill([{ one: 1 }]));
    expect(asked).toBe(2); // The first read alone, then all that came meanwhile.
    await reads.close();
  });

  it("run at the primary while the replay is paused, and see the last write; then at the replica again", async () => {
    await servers.replay(false);
    await add(1);
    expect(await has(1)).toBe(true);
    expect(await serverOfRead()).toBe("primary");
    const began = performance.now();
    expect(await has(1)).toBe(true);
    expect(performance.now() - began).toBeLessThan(1_000); // Not each of them waits.
    await servers.replay(true);
    await eventually(async () => expect(await serverOfRead()).toBe("replica"));
    expect(await has(1)).toBe(true);
    expect(changes).toEqual(["The replica is behind.", undefined]);
  });

  it("run at the primary while the replica cannot be reached, and while it does not respond", async () => {
    const proxy = await startLossyProxy(servers.replica.port);
    const url = new URL(servers.replica.url);
    url.port = String(proxy.port);
    const lossy = openReads(url.href);
    await eventually(async () => expect(await serverOfRead(lossy)).toBe("replica"));
    proxy.loseResponses();
    await add(1);
    expect(await has(1, lossy)).toBe(true);
    expect(await serverOfRead(lossy)).toBe("primary");
    proxy.passResponses();
    await eventually(async () => expect(await serverOfRead(lossy)).toBe("replica"));
    const sessions = await sessionsOfReads();
    for (const pid of sessions) process.kill(pid, "SIGSTOP");
    await add(2);
    expect(await has(2, lossy)).toBe(true);
    expect(changes.at(-1)).toBe("Query read timeout");
    for (const pid of sessions) process.kill(pid, "SIGCONT");
    await lossy.close();
    await proxy.stop();
  });

  it("run at the primary if the URL leads to a server that is no replica", async () => {
    const wrong = openReads(servers.primary.url);
    await add(1);
    expect(await has(1, wrong)).toBe(true);
    expect(changes).toEqual(["The server is no replica."]);
    await wrong.close();
  });

  it("report the failure of a statement as the primary does", async () => {
    await expect(db.reads.query("SELECT 1 / 0")).rejects.toThrow("division by zero");
    await expect(db.reads.query("SELECT missing FROM notes")).rejects.toThrow('column "missing" does not exist');
    expect(changes).toEqual([]);
  });

  it("are counted by server", async () => {
    await has(1);
    const metric = await registry.getSingleMetric("kontor_postgres_replica_reads_total")?.get();
    const counted = metric?.values.map(({ labels }) => labels.server);
    expect(new Set(counted)).toEqual(new Set(["primary", "replica"]));
  });
});

/** Returns the processes of the replica that run reads. */
async function sessionsOfReads(): Promise<number[]> {
  const watcher = openDatabase({ url: servers.replica.url, service: "watcher" });
  const rows = await watcher.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'reads'");
  await watcher.close();
  return rows.map(({ pid }) => Number(pid));
}
