import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@kontor/config";

/** Where everything of a running shop is, for other commands: addresses, process ids and accounts. */
export type RunFile = {
  readonly pid: number;
  readonly gateway: string;
  readonly mailPage: string;
  readonly psp: string;
  readonly carrier: string;
  readonly nats: string;
  /** With their passwords. */
  readonly databases: Record<string, string>;
  readonly grpc: Record<string, string>;
  readonly metrics: Record<string, string>;
  readonly pids: Record<string, number>;
  readonly readyAfterMs: Record<string, number>;
  readonly accounts: { readonly staff: Account; readonly shopper: Account };
};

export type Account = { readonly email: string; readonly password: string };

const path = (dataDir: string) => join(dataDir, "run.json");

/** Writes the file as a whole: a reader gets either the old facts or the new ones. */
export function writeRunFile(dataDir: string, run: RunFile): void {
  const partial = `${path(dataDir)}.partial`;
  writeFileSync(partial, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, path(dataDir));
}

export function removeRunFile(dataDir: string): void {
  rmSync(path(dataDir), { force: true });
}

export function readRunFile(dataDir: string): RunFile {
  try {
    const run: RunFile = JSON.parse(readFileSync(path(dataDir), "utf8"));
    process.kill(run.pid, 0);
    return run;
  } catch (cause) {
    throw new Refusal(`No shop runs on ${dataDir}. Start it in another terminal: npm start`, { cause });
  }
}
