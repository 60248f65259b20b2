import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** A log is rotated when it is larger, in bytes. */
const LOG_LIMIT = 16 * 1024 * 1024;
/** How many rotated logs of a process are stored: `orders.log.1` is the latest. */
export const OLD_LOGS = 2;

const EVERY_MS = 5_000;

/** Opens a log to append to, which rotation relies on. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, "a", 0o600);
}

/** Rotates the logs of a folder that have grown beyond {@link LOG_LIMIT}, now and every few seconds. Returns how to stop. */
export function rotateLogs(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  rotateLarge(folder);
  const timer = setInterval(rotateLarge, EVERY_MS, folder).unref();
  return () => clearInterval(timer);
}

/** Rotates every log of the folder that is larger than `limit` bytes. */
export function rotateLarge(folder: string, limit = LOG_LIMIT): void {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".log"))) {
    const path = join(folder, name);
    if (statSync(path).size > limit) rotate(path);
  }
}

/**
 * Copies the log and empties it, because its process keeps it open and continues to append. A line that is written between the two
 * is lost.
 */
function rotate(path: string): void {
  for (let number = OLD_LOGS; number > 1; number -= 1) {
    const younger = `${path}.${number - 1}`;
    if (existsSync(younger)) renameSync(younger, `${path}.${number}`);
  }
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}
