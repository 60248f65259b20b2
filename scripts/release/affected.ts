// git diff --name-only … | node scripts/release/affected.ts: prints the apps whose images these files change, as JSON.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../../..");

/** What decides about every image. */
const forAll = /^(k8s\/images\/|packages\/bundle\/|package\.json$|pnpm-lock\.yaml$|pnpm-workspace\.yaml$)/;

/** What the image builds leave out, as k8s/images/Dockerfile.dockerignore does. */
const inNone = /\.test\.ts$|\.md$|\/(test|bench|fuzz)\/|^packages\/testing\/src\/|^k8s\/images\/dev\.sh$/;

/** The apps that have an image. */
export const apps: readonly string[] = [...bakedApps().matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);

function bakedApps(): string {
  return /variable "APPS" \{\s+default = \[([^\]]*)\]/.exec(read("k8s/images/docker-bake.hcl"))?.[1] ?? "";
}

/** Returns the apps whose images a change of these files changes, by the dependencies that packages declare. */
export function affected(files: readonly string[]): readonly string[] {
  const counting = files.filter((file) => !inNone.test(file));
  if (counting.some((file) => forAll.test(file))) return apps;
  const folders = new Set(counting.flatMap((file) => /^(apps|packages)\/[^/]+/.exec(file)?.[0] ?? []));
  return apps.filter((app) => [...closure(`apps/${app}`)].some((folder) => folders.has(folder)));
}

function closure(folder: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(folder)) return seen;
  seen.add(folder);
  const { dependencies = {} } = JSON.parse(read(join(folder, "package.json")));
  for (const name of Object.keys(dependencies))
    if (name.startsWith("@kontor/")) closure(folderOf(name.slice("@kontor/".length)), seen);
  for (const name of hosted(folder)) closure(`apps/${name}`, seen);
  return seen;
}

/** Returns the apps that an app runs in its own process. */
function hosted(folder: string): readonly string[] {
  if (folder !== "apps/host") return [];
  return [...read("apps/host/src/apps.ts").matchAll(/import\("\.\.\/\.\.\/([\w-]+)\/src/g)].map(
    ([, name = ""]) => name,
  );
}

function folderOf(name: string): string {
  return existsSync(join(root, "packages", name)) ? `packages/${name}` : `apps/${name}`;
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

if (import.meta.main) {
  const files = readFileSync(0, "utf8").split("\n").filter(Boolean);
  console.log(JSON.stringify(affected(files)));
}
