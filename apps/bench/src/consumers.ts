import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { event, messagingTables, outbox } from "@kontor/messaging";
import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { launchNats, launchPostgres } from "@kontor/servers";
import { spread, table } from "./statistics.ts";

const help = `How fast replicas drain a consumer that they share.

  npm run bench:consumers -- [--replicas 1,4] [--partitions 4] [--events 6000] [--io-ms 5] [--rounds 5] [--json]

Starts PostgreSQL and NATS of its own. In each round every number of replicas, each a process, drains as many events of 2,000 keys from a new
database and stream. The handler of an event waits for the database for --io-ms. The rate counts from the first effect to the last.`;

const flags = {
  replicas: { type: "string", default: "1,4" },
  partitions: { type: "string", default: "4" },
  events: { type: "string", default: "6000" },
  "io-ms": { type: "string", default: "5" },
  rounds: { type: "string", default: "5" },
  json: { type: "boolean", default: false },
} as const;

const KEYS = 2_000;

/** The measurements of one round. */
interface Load {
  readonly replicas: number;
  readonly partitions: number;
  readonly events: number;
  readonly ioMs: number;
}

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), flags, help);
  if (values === undefined) return 0;
  const number = (name: keyof typeof flags & keyof typeof values, max: number) =>
    wholeNumber(`--${name}`, String(values[name]), 1, max);
  const load = {
    partitions: number("partitions", 64),
    events: number("events", 1_000_000),
    ioMs: number("io-ms", 1_000),
  };
  const sizes = values.replicas.split(",").map((text) => wholeNumber("--replicas", text, 1, 64));
  const rates = await measure(sizes, load, number("rounds", 100));
  const [base = []] = rates.values();
  const rows = [...rates].map(([replicas, all]) => {
    const ratios = all.map((rate, round) => rate / (base[round] ?? Number.NaN));
    return { replicas, eventsPerSecond: spread(all), timesTheFirst: spread(ratios) };
  });
  const asTable = rows.flatMap(({ replicas, eventsPerSecond, timesTheFirst }) => [
    [`${replicas} replicas, events/s`, ...eventsPerSecond],
    ["  times the first", ...timesTheFirst],
  ]);
  console.log(
    values.json ? JSON.stringify({ ...load, rows }, null, 2) : table([["", "median", "min", "max"], ...asTable]),
  );
  return 0;
});

async function measure(sizes: readonly number[], load: Omit<Load, "replicas">, rounds: number) {
  const folder = await mkdtemp(join(tmpdir(), "kontor-consumers-"));
  const postgres = await launchPostgres({ dataDir: join(folder, "postgres"), temporary: folder });
  const rates = new Map(sizes.map((replicas) => [replicas, [] as number[]]));
  try {
    for (let round = 0; round < rounds; round++)
      for (const replicas of sizes) {
        const name = `round_${round}_${replicas}`;
        const rate = await drain(postgres.url, name, join(folder, name), { ...load, replicas });
        console.error(`round ${round + 1}, ${replicas} replicas: ${Math.round(rate)} events/s`);
        rates.get(replicas)?.push(rate);
      }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return rates;
}

/** Returns how many events a second the replicas drain. */
async function drain(server: string, name: string, storeDir: string, load: Load): Promise<number> {
  const admin = openDatabase({ url: server, service: "bench" });
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.close();
  const url = new URL(server);
  url.pathname = `/${name}`;
  await migrate({ url: url.href, folders: [messagingTables], log: { info: () => undefined } });
  const db = openDatabase({ url: url.href, service: "bench" });
  const nats = await launchNats({ storeDir });
  const children = Array.from({ length: load.replicas }, () => startReplica(url.href, nats.url, load));
  try {
    await until(() => isDivided(db, load));
    await append(db, load.events);
    let done = 0;
    const effects = async () => (done = await count(db, "SELECT count(*) AS n FROM inbox"));
    await until(async () => (await effects()) > 0);
    const [before, started] = [done, performance.now()];
    await until(async () => (await effects()) === load.events);
    return ((load.events - before) / (performance.now() - started)) * 1_000;
  } finally {
    await Promise.all(children.map(stop));
    await nats.stop();
    await db.close();
  }
}

function startReplica(url: string, natsUrl: string, { partitions, ioMs }: Load): ChildProcess {
  const program = fileURLToPath(new URL("./consumers/replica.ts", import.meta.url));
  return spawn(process.execPath, [program, url, natsUrl, String(partitions), String(ioMs)], { stdio: "inherit" });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** Returns whether all partitions have owners, and all replicas have partitions. A consumer of one partition is not divided. */
async function isDivided(db: Database, { replicas, partitions }: Load): Promise<boolean> {
  if (partitions === 1) return true;
  const owned = await count(db, "SELECT count(owner) AS n FROM consumer_partitions");
  const owners = await count(db, "SELECT count(DISTINCT owner) AS n FROM consumer_partitions");
  return owned === partitions && owners === replicas;
}

/** Appends events, the keys in turn. */
async function append(db: Database, events: number): Promise<void> {
  await db.transaction(async (tx) => {
    for (let from = 0; from < events; from += 1_000) {
      const size = Math.min(1_000, events - from);
      const chunk = Array.from({ length: size }, (_, place) =>
        event(StringValueSchema, { value: "word" }, { key: `key ${(from + place) % KEYS}` }),
      );
      await outbox.append(tx, chunk);
    }
  });
}

async function count(db: Database, query: string): Promise<number> {
  const [row] = await db.query(query);
  return Number(row?.n ?? 0);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20);
}
