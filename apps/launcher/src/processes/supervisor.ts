import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "@kontor/config";
import { dim, green, progress, red, yellow } from "../terminal.ts";
import type { Component, Running } from "./component.ts";
import { ending } from "./ending.ts";

const GRACE_MS = 10_000;
const BACKOFF_MS = [200, 500, 1_000, 2_000, 5_000, 10_000];
const FIRST_BACKOFF_MS = [300, 1_000, 3_000];
const STEADY_MS = 60_000;

export type Supervisor = {
  /** Starts a component and from then on restarts it whenever it ends on its own. */
  start(component: Component): Promise<void>;
  /** Stops everything, the last started first; processes that do not end in time are killed. Only the first call has an effect. */
  stopAll(): Promise<void>;
  /** The process ids of running components. */
  pids(): Record<string, number>;
  /** From the process's start until it was ready, in milliseconds. */
  readonly readyAfterMs: Record<string, number>;
};

/** `onChange` is called after a process has ended on its own, and after it is ready again. */
export function createSupervisor(onChange: () => void = () => {}): Supervisor {
  // In the order of the first start. Undefined while a process is down.
  const running = new Map<string, Running | undefined>();
  const readyAfterMs: Record<string, number> = {};
  let stopping: Promise<void> | undefined;

  async function launch(component: Component): Promise<void> {
    const began = performance.now();
    const instance = await component.start();
    if (stopping) return instance.stop();
    running.set(component.name, instance);
    const took = Math.round(performance.now() - began);
    readyAfterMs[component.name] = took;
    progress(`${green("ready")}  ${component.name.padEnd(18)} ${dim(`${took} ms`)}`);
    onChange();
    void watch(component, instance, performance.now());
  }

  /** Throws a Refusal. Tries several times, for an outgoing connection may take a port that was free for a moment. */
  async function launchPatiently(component: Component): Promise<void> {
    for (const pause of FIRST_BACKOFF_MS) {
      try {
        return await launch(component);
      } catch (error) {
        if (stopping) throw error;
        progress(`${yellow("again")}  ${component.name} did not start; once more in ${pause} ms`);
        await delay(pause);
      }
    }
    return launch(component).catch((cause: unknown) => {
      if (cause instanceof Refusal) throw cause;
      throw new Refusal(`${component.name} did not start: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    });
  }

  async function watch(component: Component, instance: Running, since: number): Promise<void> {
    const how = await instance.ended;
    if (stopping) return;
    running.set(component.name, undefined);
    onChange();
    progress(`${red("ended")}  ${component.name} ended ${ending(how)}. Its log ends with:\n${component.lastWords()}`);
    const lived = performance.now() - since;
    for (let attempt = lived > STEADY_MS ? 0 : 1; !stopping; attempt += 1) {
      const pause = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)] ?? GRACE_MS;
      progress(`${yellow("again")}  ${component.name} starts again in ${pause} ms`);
      await delay(pause);
      if (stopping) return;
      try {
        return await launch(component);
      } catch (error) {
        progress(`${red("failed")} ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  async function stop(name: string, instance: Running): Promise<void> {
    const began = performance.now();
    const force = setTimeout(() => {
      progress(`${red("killed")} ${name}: it did not stop within ${GRACE_MS / 1000} s`);
      void instance.stop("SIGKILL");
    }, GRACE_MS);
    await instance.stop();
    clearTimeout(force);
    progress(`${dim("ended")}  ${name.padEnd(18)} ${dim(`${Math.round(performance.now() - began)} ms`)}`);
  }

  return {
    start: launchPatiently,
    stopAll: () => {
      stopping ??= (async () => {
        for (const [name, instance] of [...running].reverse()) if (instance) await stop(name, instance);
      })();
      return stopping;
    },
    pids: () =>
      Object.fromEntries([...running].flatMap(([name, instance]) => (instance ? [[name, instance.pid]] : []))),
    readyAfterMs,
  };
}
