import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { eventually } from "./eventually.ts";

const owner = `
  const { startNats } = await import(process.argv[1]);
  const nats = await startNats();
  console.log(JSON.stringify({ pid: nats.pid, storeDir: nats.storeDir }));
  setInterval(() => {}, 1000);`;

it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
  "ends the server and deletes its data when the owner gets %s",
  async (signal) => {
    const entry = import.meta.resolve("./index.ts");
    const process = spawn(globalThis.process.execPath, ["--input-type=module", "-e", owner, entry], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(createInterface(process.stdout), "line");
    const { pid, storeDir } = JSON.parse(line);
    process.kill(signal);
    await eventually(() => expect(isRunning(pid)).toBe(false));
    await eventually(() => expect(existsSync(storeDir)).toBe(false));
  },
);

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
