import { readConfig, type Settings } from "@kontor/config";
import { createLogger, type Logger } from "@kontor/telemetry";
import { type ProcessConfig, processSettings } from "./process-settings.ts";
import { releaseMemoryWhenIdle } from "./release-memory.ts";
import { type ProcessDefinition, type Stoppable, startProcess } from "./start-process.ts";

/**
 * Runs a process until its end: reads the configuration and starts. SIGTERM and SIGINT stop it, and, with
 * KONTOR_EXIT_WITH_PARENT=1, the end of stdin; it then exits with 0 within KONTOR_GRACE_MS. It exits with 1 if it cannot
 * start, does not stop in time, or has an uncaught error.
 *
 * ```ts
 * await runProcess({
 *   name: "ticker",
 *   settings: {},
 *   start: async ({ log }) => {
 *     const timer = setInterval(() => log.info("tick"), 1_000);
 *     return { stop: async () => clearInterval(timer) };
 *   },
 * });
 * ```
 */
export async function runProcess<S extends Settings, R extends Stoppable>(
  definition: ProcessDefinition<S, R>,
): Promise<void> {
  const log = createLogger({ service: definition.name });
  exitOnUncaught(log);
  const stop = stopRequested();
  try {
    const settings = { ...processSettings, ...definition.settings };
    const config = readConfig(settings, process.env) as unknown as ProcessConfig<S>;
    const running = await Promise.race([startProcess(definition, config, log), stop.then(() => undefined)]);
    if (running === undefined) return exitBeforeStart(await stop, log);
    releaseMemoryWhenIdle();
    log.info({ metricsPort: running.metricsPort, startedInMs: Math.round(performance.now()) }, "process ready");
    const why = await stop;
    log.info({ why }, "process stopping");
    exitAfterGrace((config as ProcessConfig<Record<never, never>>).graceMs, log);
    await running.stop();
    log.info("process stopped");
    process.exit(0);
  } catch (err) {
    log.fatal({ err }, "process start failed");
    process.exit(1);
  }
}

/** Exits during the start: no work was accepted, and open work ends with the connections of the process. */
function exitBeforeStart(why: string, log: Logger): never {
  log.info({ why }, "process stopped before its start");
  process.exit(0);
}

/** Resolves to the first signal and ignores later ones: Ctrl-C reaches a process both from the terminal and from its parent. */
function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve(signal));
    if (process.env.KONTOR_EXIT_WITH_PARENT !== "1") return;
    process.stdin.on("end", () => resolve("parent gone")).on("error", () => resolve("parent gone"));
    process.stdin.resume();
  });
}

function exitAfterGrace(graceMs: number, log: Logger): void {
  const exit = () => {
    log.fatal({ graceMs }, "process stop timed out");
    process.exit(1);
  };
  setTimeout(exit, graceMs).unref();
}

function exitOnUncaught(log: Logger): void {
  const exit = (err: unknown) => {
    log.fatal({ err }, "uncaught error");
    process.exit(1);
  };
  process.on("uncaughtException", exit).on("unhandledRejection", exit);
}
