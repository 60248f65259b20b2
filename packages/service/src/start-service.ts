import type { Settings } from "@kontor/config";
import type { Logger } from "@kontor/telemetry";
import type { ServiceDefinition } from "./define-service.ts";
import { startHost } from "./host.ts";
import type { Common, Member } from "./member.ts";
import { onceAvailable } from "./once-available.ts";
import { withDefaults } from "./process-settings.ts";
import { runMigrations } from "./run-migrations.ts";
import { runProcess } from "./run-process.ts";
import { type ServiceConfig, serviceSettings } from "./service-settings.ts";
import { type ProcessDefinition, type Stoppable, startProcess } from "./start-process.ts";

interface StartedService extends Stoppable {
  readonly grpcPort: number;
}

/** A service that has started, as a test sees it. */
export interface RunningService extends Stoppable {
  /** Port of gRPC. */
  readonly grpcPort: number;
  /** Port of /metrics, /livez and /readyz. */
  readonly metricsPort: number;
}

/**
 * Runs a service as the process it is: see {@link runProcess}. The whole of its `main.ts`. With the argument `migrate` it only
 * brings the schema up to date: see {@link runMigrations}.
 */
export function runService<S extends Settings>(definition: ServiceDefinition<S>): Promise<void> {
  const { name } = definition;
  if (process.argv[2] !== "migrate") return runProcess(processOf(definition));
  return runMigrations(name, [{ definition, environment: process.env }]);
}

/**
 * Starts a service inside another process, such as a test's: no signals, no exit. Absent settings have their defaults, and ports are free
 * ones; `databaseUrl` is required.
 *
 * ```ts
 * declare const system: System;
 * const greetings = defineService({
 *   system,
 *   name: "greetings",
 *   settings: {},
 *   migrations: new URL("../prisma/migrations/", import.meta.url),
 *   build: () => ({ services: [] }),
 * });
 * const running = await startService(greetings, { databaseUrl: "postgresql://localhost/greetings" });
 * await running.stop();
 * ```
 */
export async function startService<S extends Settings>(
  definition: ServiceDefinition<S>,
  config: Partial<ServiceConfig<S>>,
  log?: Logger,
): Promise<RunningService> {
  const process = processOf(definition);
  const complete = withDefaults(process.settings, { grpcPort: 0, ...config } as Partial<ServiceConfig<S>>);
  const { metricsPort, started, stop } = await startProcess(process, complete, log);
  return { grpcPort: started.grpcPort, metricsPort, stop };
}

/** Returns every setting that a process of the service reads, but those of all processes. */
export function settingsOf<S extends Settings>({ settings, system }: ServiceDefinition<S>): S & typeof serviceSettings {
  return { ...serviceSettings, ...(system.issuer && { issuerAddress: system.issuer.address }), ...settings };
}

function processOf<S extends Settings>(
  definition: ServiceDefinition<S>,
): ProcessDefinition<S & typeof serviceSettings, StartedService> {
  return {
    name: definition.name,
    settings: settingsOf(definition),
    start({ config, log }) {
      const { grpcHost, grpcPort, rpcServer, graceMs, warmUpMs, startWithinMs } = config as Common;
      const member: Member = { definition, config: config as Member["config"], log };
      const host = { members: [member], grpcHost, grpcPort, rpcServer, graceMs, warmUpMs, log };
      const start = async () => {
        const running = await startHost(host);
        return { grpcPort: running.grpcPort ?? grpcPort, stop: running.stop };
      };
      return onceAvailable(start, { withinMs: startWithinMs, log });
    },
  };
}
