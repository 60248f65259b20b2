import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** A process that answers the samples. */
export interface Contender {
  readonly name: string;
  readonly url: string;
  /** Headers that its requests need. */
  readonly headers: Readonly<Record<string, string>>;
  /** CPU time so far in milliseconds; NaN where the system does not say. */
  cpuMs(): number;
  /** Resident memory in MiB; NaN where the system does not say. */
  rssMiB(): number;
  stop(): Promise<void>;
}

/** How a process is started. It prints its port as JSON. */
export interface ContenderOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly core: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const pinned = cpus().length > 1 && spawnSync("taskset", ["--version"]).status === 0;

/** Whether processes have a core each. */
export const hasOwnCores = pinned;

/** Starts a process on a core of its own, where that can be had. */
export async function startContender({ name, command, env, core, headers = {} }: ContenderOptions): Promise<Contender> {
  const [program, ...args] = pinned ? (["taskset", "-c", String(core), ...command] as const) : command;
  const child = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const port = await portOf(child, name);
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    headers,
    cpuMs: () => cpuMs(child.pid),
    rssMiB: () => Number(/VmRSS:\s+(\d+)/.exec(procFile(child.pid, "status"))?.[1] ?? Number.NaN) / 1024,
    async stop() {
      process.off("exit", end);
      if (child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function portOf(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      if (text === "found") return;
      text += chunk;
      const port = /"port":(\d+)/.exec(text)?.[1];
      if (port === undefined) return;
      text = "found";
      resolve(Number(port));
    });
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}: ${text}`)));
    child.once("error", reject);
  });
}

const TICK_MS = 10;

function cpuMs(pid: number | undefined): number {
  const text = procFile(pid, "stat");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function procFile(pid: number | undefined, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
