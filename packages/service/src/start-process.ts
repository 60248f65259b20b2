import type { Settings } from "@kontor/config";
import { collectProcessMetrics, createLogger, type Logger, startTracing } from "@kontor/telemetry";
import { createClosers } from "./closers.ts";
import { startOperationsServer } from "./operations-server.ts";
import type { ProcessConfig } from "./process-settings.ts";

/** Work that runs until it is stopped. */
export interface Stoppable {
  /** Accepts no new work, finishes running work, and releases all resources. */
  stop(): Promise<void>;
}

/** The context of a starting process. */
export interface Life<S extends Settings> {
  /** The values of all settings. */
  readonly config: ProcessConfig<S>;
  /** The logger of the process. */
  readonly log: Logger;
}

/** A process: its name, its settings and how it starts. It is ready as soon as `start` resolves. */
export interface ProcessDefinition<S extends Settings, R extends Stoppable> {
  /** Name in logs and metrics. */
  readonly name: string;
  /** Its own settings, in addition to those of every process. */
  readonly settings: S;
  /** Starts the work. The process is ready when it resolves, and exits with 1 when it rejects. */
  start(life: Life<S>): Promise<R>;
}

/** A process that has started. */
export interface RunningProcess<R extends Stoppable> extends Stoppable {
  /** Port of /metrics, /livez and /readyz. */
  readonly metricsPort: number;
  /** The result of `start`. */
  readonly started: R;
}

/** Starts logger, tracing, metrics and probes, then the process's own work. If that fails, everything is stopped again. */
export async function startProcess<S extends Settings, R extends Stoppable>(
  definition: ProcessDefinition<S, R>,
  config: ProcessConfig<S>,
  log: Logger = createLogger({ service: definition.name }),
): Promise<RunningProcess<R>> {
  const closers = createClosers(log);
  const { metricsHost, metricsPort } = config as ProcessConfig<Record<never, never>>;
  try {
    closers.add("tracing", await startTracing({ service: definition.name, log }));
    collectProcessMetrics();
    const operations = await startOperationsServer(metricsHost, metricsPort);
    closers.add("operations server", operations.close);
    const started = await definition.start({ config, log });
    closers.add(definition.name, () => started.stop());
    closers.add("readiness", () => operations.setReady(false));
    operations.setReady(true);
    return { metricsPort: operations.port, started, stop: closers.closeAll };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}
