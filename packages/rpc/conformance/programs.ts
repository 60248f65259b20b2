import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const VERSION = "v1.85.0";
const folder = join(homedir(), ".cache", "kontor", "grpc-interop", VERSION);

/** The client and the server of grpc-go's interoperability tests. */
export const programs = { client: join(folder, "client"), server: join(folder, "server") } as const;

/** Whether the programs are there. */
export const hasPrograms = existsSync(programs.client) && existsSync(programs.server);

/** Installs the programs by Go into the cache outside the clone, unless they are there. @throws Error when Go is not installed */
export function installPrograms(): void {
  if (existsSync(programs.client) && existsSync(programs.server)) return;
  if (spawnSync("go", ["version"]).status !== 0) throw new Error("Go is not installed, which builds the programs.");
  for (const name of ["client", "server"]) {
    const options = { env: { ...process.env, GOBIN: folder }, stdio: "inherit" } as const;
    execFileSync("go", ["install", `google.golang.org/grpc/interop/${name}@${VERSION}`], options);
  }
}
