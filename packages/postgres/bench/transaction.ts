/**
 * Compares the cost of a transaction of four statements with the same over plain `pg`. This package sends three of them together, `pg` one
 * after the other:
 *
 *     node packages/postgres/bench/transaction.ts [rounds]
 *
 * 32 work at once on 8 connections. The two alternate; ratios below 1 are in favour of @kontor/postgres.
 */
import { startPostgres } from "@kontor/testing";
import pg from "pg";
import { connectionConfig } from "../src/connection.ts";
import { createRunQuery } from "../src/sql.ts";
import { runTransaction } from "../src/transaction.ts";

const ROUNDS = Number(process.argv[2] ?? 8);
const TRANSACTIONS = 1_500;
const WORKERS = 32;

const postgres = await startPostgres();
const database = await postgres.createDatabase("bench");
const config = connectionConfig({ url: database.url, service: "bench", statementTimeoutMs: 10_000 });
const pools = {
  plain: new pg.Pool({ ...config, max: 8 }),
  kontor: new pg.Pool({ ...config, max: 8, pipeline: true }),
};
await pools.plain.query("CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text, data jsonb)");

const runQuery = createRunQuery();
const insert = "INSERT INTO line (sku, data) VALUES ($1, $2)";
function kontor(pool: pg.Pool, n: number): Promise<void> {
  return runTransaction(
    { pool, service: "bench", runQuery },
    async (tx) => {
      await tx.query("SELECT count(*) FROM line WHERE id = $1", [n], { name: "find" });
      await Promise.all([
        tx.query(insert, [`sku-${n}`, { n }], { name: "insert" }),
        tx.query(insert, [`sku-${n + 1}`, { n }], { name: "insert" }),
        tx.query("SELECT $1::text", [`order-${n}`], { name: "last" }),
      ]);
    },
    {},
  );
}

async function plain(pool: pg.Pool, n: number): Promise<void> {
  const client = await pool.connect();
  await client.query("BEGIN");
  await client.query({ text: "SELECT count(*) FROM line WHERE id = $1", values: [n], name: "find" });
  await client.query({ text: insert, values: [`sku-${n}`, { n }], name: "insert" });
  await client.query({ text: insert, values: [`sku-${n + 1}`, { n }], name: "insert" });
  await client.query({ text: "SELECT $1::text", values: [`order-${n}`], name: "last" });
  await client.query("COMMIT");
  client.release();
}

const transactions = { plain, kontor };

async function round(name: keyof typeof pools): Promise<{ time: number; cpu: number }> {
  let left = TRANSACTIONS;
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const work = async () => {
    while (left > 0) await transactions[name](pools[name], left--);
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  const { user, system } = process.cpuUsage(before);
  return { time: performance.now() - startedAt, cpu: (user + system) / 1000 };
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
const measured: Record<keyof typeof pools, { time: number; cpu: number }[]> = { plain: [], kontor: [] };
for (const name of ["plain", "kontor"] as const) await round(name);
for (let n = 0; n < ROUNDS; n++)
  for (const name of n % 2 ? (["plain", "kontor"] as const) : (["kontor", "plain"] as const))
    measured[name].push(await round(name));

const rows = Object.entries(measured).map(([name, rounds]) => ({
  name,
  "µs of CPU each": Math.round((median(rounds.map(({ cpu }) => cpu)) / TRANSACTIONS) * 1000),
  "CPU ratio": Number(median(rounds.map(({ cpu }, n) => cpu / (measured.plain[n]?.cpu ?? cpu))).toFixed(3)),
  "time ratio": Number(median(rounds.map(({ time }, n) => time / (measured.plain[n]?.time ?? time))).toFixed(3)),
}));
console.table(rows);

await Promise.all(Object.values(pools).map((pool) => pool.end()));
process.exit(); // The server of this run ends with us.
