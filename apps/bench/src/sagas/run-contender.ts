import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { PostgresServer } from "@kontor/servers";
import pg from "pg";
import type { Measured } from "./contender.ts";

const TICK_MS = 10;

/** Runs a contender in a separate process, over an empty database. PostgreSQL's CPU is that of all its sagas, by their number. */
export async function runContender(
  server: PostgresServer,
  [file, mode]: readonly [file: string, mode?: string],
  { concurrency, seconds }: { readonly concurrency: number; readonly seconds: number },
): Promise<Measured & { readonly postgresCpuMs: number }> {
  await query(server.url, "DROP DATABASE IF EXISTS sagas", "CREATE DATABASE sagas");
  const url = new URL(server.url);
  url.pathname = "/sagas";
  const before = cpuOfEnded(server.pid);
  const args = [
    join(import.meta.dirname, file),
    url.href,
    String(concurrency),
    String(seconds),
    ...(mode ? [mode] : []),
  ];
  const child = spawn(process.execPath, ["--no-deprecation", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`${file} ended with code ${code}.`);
  await delay(200); // Until the server has noticed that its sessions have ended.
  const measured: Measured = JSON.parse(output);
  return { ...measured, postgresCpuMs: (cpuOfEnded(server.pid) - before) / measured.sagas };
}

async function query(url: string, ...texts: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const text of texts) await client.query(text);
  await client.end();
}

/** CPU time of the server's processes that have ended, in milliseconds: those of the sessions of a contender, once it has ended. */
function cpuOfEnded(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}
