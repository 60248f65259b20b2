import { spawnSync } from "node:child_process";
import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launchPostgres, type PostgresServer, postgresUser } from "@kontor/servers";
import pg from "pg";
import { temporaryFolder } from "./temporary-folder.ts";

/** A server and its streaming replica. */
export type ReplicatedPostgres = {
  readonly primary: PostgresServer;
  readonly replica: PostgresServer;
  /** Stops the replay of what the replica receives, or continues it. */
  replay(continues: boolean): Promise<void>;
  /** Stops both. */
  stop(): Promise<void>;
};

/** Starts a server of its own, and a replica that streams from it. Commits are flushed as in production, but not synced to the disk. */
export async function startReplicatedPostgres(): Promise<ReplicatedPostgres> {
  const [own, copy] = [await temporaryFolder("primary"), await temporaryFolder("replica")];
  const settings = { synchronous_commit: "on" };
  const primary = await launchPostgres({ dataDir: join(own, "data"), durable: false, settings, temporary: own });
  const dataDir = join(copy, "data");
  await backUp(primary.url, join(own, "data"), dataDir);
  const { password } = new URL(primary.url);
  const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres password=${password}`;
  const replicated = { ...settings, primary_conninfo: conninfo };
  const replica = await launchPostgres({ dataDir, password, durable: false, settings: replicated, temporary: copy });
  return {
    primary,
    replica,
    async replay(continues) {
      await query(replica.url, `SELECT pg_wal_replay_${continues ? "resume" : "pause"}()`);
    },
    async stop() {
      await replica.stop();
      await primary.stop();
    },
  };
}

/** Copies the data of a running server, as pg_basebackup does, which the programs for tests lack. */
async function backUp(url: string, from: string, to: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SELECT pg_backup_start('replica', true)");
    await cp(from, to, { recursive: true });
    const { rows } = await client.query<{ labelfile: string }>("SELECT labelfile FROM pg_backup_stop()");
    await writeFile(join(to, "backup_label"), rows[0]?.labelfile ?? "");
  } finally {
    await client.end();
  }
  await Promise.all(["postmaster.pid", "postmaster.opts"].map((name) => rm(join(to, name), { force: true })));
  await writeFile(join(to, "standby.signal"), "");
  const { uid, gid } = postgresUser();
  if (uid !== undefined) spawnSync("chown", ["-R", `${uid}:${gid}`, to]);
  spawnSync("chmod", ["700", to]);
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}
