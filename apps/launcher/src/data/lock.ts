import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@kontor/config";

/** Makes this the only launcher on the data. A lock whose launcher has ended is taken over. */
export function lock(dataDir: string): () => void {
  const path = join(dataDir, "launcher.pid");
  if (!create(path)) {
    const owner = Number(readFileSync(path, "utf8"));
    if (isLauncher(owner)) {
      throw new Refusal(
        `Kontor already runs on ${dataDir} (process ${owner}).\n` +
          "Stop it with Ctrl-C, or start a second one: npm start -- --data .kontor-2 --port-offset 100",
      );
    }
    rmSync(path, { force: true });
    if (!create(path)) throw new Refusal(`Another start on ${dataDir} was quicker.`);
  }
  return () => rmSync(path, { force: true });
}

function create(path: string): boolean {
  try {
    const file = openSync(path, "wx");
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** A process id alone proves nothing: the system gives it to others later. */
function isLauncher(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    const command = execFileSync("ps", ["-p", String(pid), "-o", "args="], { encoding: "utf8", stdio: "pipe" });
    return command.includes("apps/launcher/src/main.ts");
  } catch {
    return false;
  }
}
