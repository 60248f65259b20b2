import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

const LIMIT = 20 * 1024 * 1024;

/** Opens a log to append to. One that has grown large is put aside as `.1`. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && statSync(path).size > LIMIT) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

/** The last lines of a file, at most `count`. */
export function tail(path: string, count = 12): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, 8_192));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString("utf8").trimEnd().split("\n").slice(-count).join("\n");
  } finally {
    closeSync(file);
  }
}
