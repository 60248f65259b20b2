import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { progress } from "../terminal.ts";
import { entryOf, nodeFlags, type ProcessSpec } from "./node-process.ts";

/**
 * Compiles the sources of all apps once, in one process. Otherwise each of them loads the TypeScript stripper at its first
 * start. That takes a second, and 30 MB for as long as the process runs.
 */
export async function warmSources(root: string, cache: string, apps: readonly ProcessSpec[]): Promise<void> {
  const marker = join(cache, "kontor-sources");
  const newest = String(newestChange(root));
  if (existsSync(marker) && readFileSync(marker, "utf8") === newest) return;
  const began = performance.now();
  const script = fileURLToPath(new URL("./warm-up.ts", import.meta.url));
  const modules = apps.map((spec) => entryOf(root, spec));
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const child = spawn(process.execPath, [...nodeFlags, script, ...modules], { cwd: root, env, stdio: "ignore" });
  await once(child, "exit"); // Whether it could or not: it only saves time.
  mkdirSync(cache, { recursive: true });
  writeFileSync(marker, newest);
  progress(`sources compiled in ${Math.round(performance.now() - began)} ms`);
}

function newestChange(root: string): number {
  const sources = globSync(["apps/*/src/**/*.ts", "packages/*/src/**/*.ts", "pnpm-lock.yaml"], { cwd: root });
  return Math.max(...sources.map((file) => statSync(join(root, file)).mtimeMs));
}
