import { homedir } from "node:os";
import { join } from "node:path";

/** Returns the folder outside the clone where tools are kept: KONTOR_CACHE, else XDG_CACHE_HOME/kontor, else ~/.cache/kontor. */
export function cacheDir(env = process.env) {
  if (env.KONTOR_CACHE) return env.KONTOR_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "kontor");
}

/** Returns the folder of the fetched programs that tests run. It is named after their versions, so that other versions are other folders. */
export const toolsFolder = () =>
  join(cacheDir(), "test-tools", "helm4.1-kubectl1.35-actionlint1.7.12-promtool0.316-kubelinter0.8");
