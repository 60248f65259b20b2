import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure, say } from "./say.mjs";

/**
 * Installs what the lockfile says, unless that was done already.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
export function ensureDependencies(root, env) {
  const stamp = join(root, "node_modules", ".kontor-installed");
  const wanted = fingerprint(root);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("Installing the packages of pnpm-lock.yaml …");
  const args = ["install", "--frozen-lockfile", "--reporter=append-only"];
  const pnpm = spawnSync("pnpm", args, { cwd: root, env: { ...env, CI: "true" }, stdio: ["ignore", 2, 2] });
  if (pnpm.status !== 0)
    throw new Failure(pnpm.error?.message ?? "pnpm could not install the packages (its message is above).");
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** @param {string} root */
function fingerprint(root) {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"])
    hash.update(readFileSync(join(root, file)));
  return hash.digest("hex");
}
