import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

/** A process that serves the samples. */
export interface Contender {
  readonly name: string;
  readonly url: string;
  /** Headers that its requests need. */
  readonly headers: Readonly<Record<string, string>>;
  /** CPU time so far in milliseconds; NaN where the system does not report it. */
  cpuMs(): number;
  /** Resident memory in MiB; NaN where the system does not report it. */
  rssMiB(): number;
  stop(): Promise<void>;
}

/** The environment of a process that is to listen on the port. */
export type Env = (port: string) => Readonly<Record<string, string>>;

/** How a process is started. */
export interface ContenderOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env: Env;
  readonly core: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const pinned = cpus().length > 1 && spawnSync("taskset", ["--version"]).status === 0;

/** Whether processes have a core each. */
export const hasOwnCores = pinned;

/** Starts a process on its own core, where the system has one, and waits until it listens. */
export async function startContender({ name, command, env, core, headers = {} }: ContenderOptions): Promise<Contender> {
  const [program, ...args] = pinned ? (["taskset", "-c", String(core), ...command] as const) : command;
  const port = await freePort();
  const environment = { PATH: process.env.PATH, ...env(String(port)) };
  const child = spawn(program, args, { env: environment, stdio: ["pipe", "ignore", "inherit"] });
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  await untilListening(child, name, port);
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Tries to connect until it works. @throws Error when the process ends first, or takes too long */
async function untilListening(child: ChildProcess, name: string, port: number): Promise<void> {
  let failure: unknown;
  child.once("error", (error) => {
    failure = error;
  });
  const until = Date.now() + START_MS;
  while (!(await isListening(port))) {
    if (failure !== undefined || child.exitCode !== null || Date.now() > until)
      throw new Error(`${name} does not listen: it ended with ${child.exitCode}`, { cause: failure });
    await pause(20);
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

const START_MS = 60_000;
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
