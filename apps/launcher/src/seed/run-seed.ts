import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Refusal } from "@kontor/config";
import type { SeedTarget } from "./seed.ts";

/** Seeds in a separate process, which returns its memory when it ends. */
export async function runSeed(root: string, dataDir: string, { gateway, accounts }: SeedTarget): Promise<void> {
  const seed = spawn(process.execPath, [join(root, "apps", "launcher", "src", "seed", "main.ts"), dataDir], {
    cwd: root,
    stdio: ["pipe", "inherit", "inherit"], // Its input carries passwords, which a command line would show to all users.
  });
  seed.stdin.on("error", () => {}).end(JSON.stringify({ gateway, accounts }));
  const [code] = await once(seed, "exit");
  if (code !== 0) throw new Refusal(`The shop could not be filled. Its logs are in ${join(dataDir, "logs")}.`);
}
