import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createEchoServer } from "../test/echo-server.ts";

const VERSION = "v2.2.1+incompatible";
const folder = join(homedir(), ".cache", "kontor", "h2spec", VERSION);
const program = join(folder, "h2spec");

/** Whether the program is there. */
export const hasH2spec = existsSync(program);

/** Installs h2spec by Go into the cache outside the clone, unless it is there. @throws Error when Go is not installed */
export function installH2spec(): void {
  if (existsSync(program)) return;
  if (spawnSync("go", ["version"]).status !== 0) throw new Error("Go is not installed, which builds h2spec.");
  const env = { ...process.env, GOBIN: folder };
  execFileSync("go", ["install", `github.com/summerwind/h2spec/cmd/h2spec@${VERSION}`], { env, stdio: "inherit" });
}

/** Runs all tests of h2spec against this server, including the strict ones. Returns its report. */
export async function runH2spec(): Promise<{ report: string; passed: boolean }> {
  const server = createEchoServer();
  const port = await server.listen("127.0.0.1", 0);
  try {
    const { stdout } = await promisify(execFile)(program, ["-S", "-h", "127.0.0.1", "-p", `${port}`, "-o", "5"]);
    return { report: stdout, passed: / 0 failed/.test(stdout) };
  } catch (error) {
    return { report: String((error as { stdout?: string }).stdout ?? error), passed: false };
  } finally {
    server.destroy();
    await server.drain();
  }
}
