import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { defaultPorts, type Ports, type RunFile, readRunFile, type Secrets, shifted } from "@kontor/launcher";

const OFFSET = 3_000;
const START_WITHIN_MS = 120_000;

/** A separate whole shop, started like `npm start`, whose data is removed when it is stopped. */
export type ShopUnderTest = {
  readonly run: RunFile;
  readonly ports: Ports;
  readonly secrets: Secrets;
  stop(): Promise<void>;
};

/** Starts a shop. `flags` are more flags of `npm start`; two shops at the same time need different offsets of their ports. */
export async function startShopUnderTest(flags: readonly string[] = [], offset = OFFSET): Promise<ShopUnderTest> {
  const dataDir = mkdtempSync(join(tmpdir(), "kontor-bench-"));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  try {
    const shop = await startShopIn(dataDir, flags, offset);
    const stop = () => shop.stop().finally(remove);
    return { ...shop, stop };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Starts a shop on a folder of data, which remains. It is open when this resolves. */
export async function startShopIn(dataDir: string, flags: readonly string[], offset = OFFSET): Promise<ShopUnderTest> {
  const main = fileURLToPath(new URL("../../launcher/src/main.ts", import.meta.url));
  const args = [
    "--max-semi-space-size=1",
    "--expose-gc",
    main,
    "--data",
    dataDir,
    "--port-offset",
    String(offset),
    "--no-rate-limits",
    ...flags,
  ];
  const env = { ...process.env, LOG_LEVEL: "warn" };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  try {
    const run = await Promise.race([untilSeeded(dataDir), ended.then(() => Promise.reject(new Error("It ended.")))]);
    const secrets: Secrets = JSON.parse(readFileSync(join(dataDir, "secrets.json"), "utf8"));
    return { run, ports: shifted(defaultPorts, offset), secrets, stop };
  } catch (cause) {
    await stop();
    throw new Error("The shop to be measured did not start.", { cause });
  }
}

async function untilSeeded(dataDir: string): Promise<RunFile> {
  const deadline = performance.now() + START_WITHIN_MS;
  for (;;) {
    try {
      readFileSync(join(dataDir, "seeded"));
      return readRunFile(dataDir);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(200);
  }
}

/** Returns the URLs of databases, for the superuser. */
export function databaseUrlOf({ ports, secrets }: ShopUnderTest): (database: string) => string {
  return (database) => `postgres://postgres:${secrets.postgres}@127.0.0.1:${ports.postgres}/${database}`;
}
