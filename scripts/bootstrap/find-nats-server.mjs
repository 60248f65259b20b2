import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cacheDir } from "./cache.mjs";

/** The version that is fetched when the machine has none, and the oldest one that is accepted. */
export const NATS_VERSION = "2.15.2";
export const NATS_OLDEST = "2.12.7";

/** Returns where a fetched nats-server is kept. */
export const cachedNatsServer = (env = process.env) => join(cacheDir(env), "nats-server", NATS_VERSION, "nats-server");

/**
 * Looks for a usable nats-server on this machine: KONTOR_NATS_SERVER, PATH, cache. Fetches nothing.
 * Says of each place that was passed over why it was. Throws if KONTOR_NATS_SERVER names one that cannot be used.
 * @returns {{ path?: string, rejected: string[] }}
 */
export function findNatsServer(env = process.env) {
  /** @type {string[]} */
  const rejected = [];
  if (env.KONTOR_NATS_SERVER) {
    const problem = unusable(env.KONTOR_NATS_SERVER);
    if (problem) throw new Error(`KONTOR_NATS_SERVER names ${env.KONTOR_NATS_SERVER}, but ${problem}.`);
    return { path: env.KONTOR_NATS_SERVER, rejected };
  }
  for (const folder of (env.PATH ?? "").split(delimiter).filter(Boolean)) {
    const path = join(folder, "nats-server");
    if (!existsSync(path)) continue;
    const problem = unusable(path);
    if (!problem) return { path, rejected };
    rejected.push(`${path}: ${problem}`);
  }
  const cached = cachedNatsServer(env);
  if (!existsSync(cached)) return { rejected };
  const problem = unusable(cached);
  if (!problem) return { path: cached, rejected };
  return { rejected: [...rejected, `${cached}: ${problem}`] };
}

/**
 * Returns why this program cannot be used, or undefined.
 * @param {string} path
 */
export function unusable(path) {
  const run = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 10_000 });
  if (run.error) return `it cannot be run (${run.error.message})`;
  const version = /v?(\d+\.\d+\.\d+)/.exec(run.stdout)?.[1];
  if (!version) return "it does not tell its version";
  if (!atLeast(version, NATS_OLDEST)) return `its version ${version} is too old: ${NATS_OLDEST} or newer is needed`;
  return undefined;
}

/**
 * @param {string} version
 * @param {string} oldest
 */
function atLeast(version, oldest) {
  const minimum = oldest.split(".").map(Number);
  for (const [index, part] of version.split(".").map(Number).entries()) {
    const least = minimum[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}
