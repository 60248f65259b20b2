import { homedir } from "node:os";
import { join } from "node:path";

/** The folder outside the clone where tools are kept: KONTOR_CACHE, else XDG_CACHE_HOME/kontor, else ~/.cache/kontor. */
export function cacheDir(env = process.env) {
  if (env.KONTOR_CACHE) return env.KONTOR_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "kontor");
}
