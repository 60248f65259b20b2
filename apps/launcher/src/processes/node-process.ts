import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "@kontor/config";
import { howEnded, type Watchdog } from "@kontor/servers";
import { lastEvents } from "../data/last-events.ts";
import { openLog } from "../data/log-file.ts";
import { dim } from "../terminal.ts";
import { compileCache } from "./compile-cache.ts";
import type { Component, Running } from "./component.ts";
import { ending } from "./ending.ts";

export type ProcessSpec = {
  readonly name: string;
  /** The folder in `apps/`. Default: the name. */
  readonly app?: string;
  /** The file in `src/` that is run. Default: main. */
  readonly entry?: string;
  /** The services or simulators that it runs, and `gateway`. Default: the one of its name. */
  readonly apps?: readonly string[];
  readonly env: Record<string, string>;
  /** Responds with 200 once the process is ready. */
  readonly readyUrl: string;
};

export type Surroundings = { root: string; dataDir: string; watchdog: Watchdog; verbose: boolean };

const READY_WITHIN_MS = 30_000;

// Small heaps and one memory arena instead of several keep a dozen processes within a laptop's memory.
export const nodeFlags = ["--max-old-space-size=256", "--max-semi-space-size=4", "--expose-gc"]; // Idle, they give memory back.
const frugal = { MALLOC_ARENA_MAX: "1" };

/** One of our own apps as a process: `apps/<app>/src/main.ts`. */
export function nodeProcess(spec: ProcessSpec, { root, dataDir, watchdog, verbose }: Surroundings): Component {
  const logPath = join(dataDir, "logs", `${spec.name}.log`);
  const env = {
    ...process.env,
    ...frugal,
    ...spec.env,
    KONTOR_EXIT_WITH_PARENT: "1",
    NODE_COMPILE_CACHE: compileCache(dataDir),
  };
  const start = async (): Promise<Running> => {
    const log = openLog(logPath);
    const child = spawn(process.execPath, [...nodeFlags, entryOf(root, spec)], {
      cwd: root,
      env,
      stdio: ["pipe", log, log], // Its input ends when we do, however we do: it stops then.
      detached: true, // Ctrl-C in the terminal reaches only the launcher, which stops everything in order.
    });
    closeSync(log);
    watchdog.hold(child);
    const running = {
      pid: child.pid ?? 0,
      ended: howEnded(child),
      stop: async (signal: NodeJS.Signals = "SIGTERM") => {
        child.kill(signal);
        await running.ended;
      },
    };
    if (verbose) follow(logPath, spec.name, running.ended);
    const died = running.ended.then((how) => Promise.reject(new Error(`it ended ${ending(how)}`)));
    try {
      await Promise.race([ready(spec.readyUrl), died]);
    } catch (cause) {
      await running.stop("SIGKILL");
      const why = cause instanceof Error ? cause.message : cause;
      throw new Refusal(`${spec.name} did not become ready: ${why}. ${logPath} ends with:\n${lastEvents(logPath)}`, {
        cause,
      });
    }
    died.catch(() => {}); // From here on the supervisor watches.
    return running;
  };
  return { name: spec.name, start, lastWords: () => lastEvents(logPath) };
}

/** Returns the file that a process runs. */
export function entryOf(root: string, { name, app = name, entry = "main" }: ProcessSpec): string {
  return join(root, "apps", app, "src", `${entry}.ts`);
}

async function ready(url: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const status = await statusOf(url);
    if (status === 200) return;
    if (performance.now() > deadline) throw new Error(`${url} answered ${status ?? "nothing"} for 30 s`);
    await delay(20);
  }
}

/** Undefined without a response. Not by fetch, which would cost the launcher 15 MB permanently. */
function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}

function follow(path: string, name: string, ended: Promise<unknown>): void {
  const tail = spawn("tail", ["-n", "0", "-f", path], { stdio: ["ignore", "pipe", "ignore"] });
  createInterface(tail.stdout).on("line", (line) => console.log(`${dim(name.padEnd(18))} ${line}`));
  void ended.then(() => tail.kill());
}
