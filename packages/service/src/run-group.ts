import type { Settings } from "@kontor/config";
import { createLogger } from "@kontor/telemetry";
import type { ServiceDefinition } from "./define-service.ts";
import { environmentOf, readGroup } from "./group-environment.ts";
import { startHost } from "./host.ts";
import type { Member } from "./member.ts";
import { onceAvailable } from "./once-available.ts";
import { type ProcessConfig, processSettings, withDefaults } from "./process-settings.ts";
import { runMigrations } from "./run-migrations.ts";
import { runProcess } from "./run-process.ts";
import { serviceSettings } from "./service-settings.ts";
import { type ProcessDefinition, type Stoppable, startProcess } from "./start-process.ts";
import { settingsOf } from "./start-service.ts";

/** Services that share one process. */
export interface Group {
  /** Name in logs and traces of the process. Each service logs under its own. */
  readonly name: string;
  readonly services: readonly ServiceDefinition<Settings>[];
  /** The clients of the services, such as a gateway: started after them, stopped before. Default: none. */
  readonly edges?: readonly ProcessDefinition<Settings, Stoppable>[];
}

/** A group that has started, as a test sees it. */
export interface RunningGroup extends Stoppable {
  readonly grpcPort: number | undefined;
  /** Port of /metrics, /livez and /readyz. */
  readonly metricsPort: number;
}

const { grpcHost, grpcPort, rpcServer, startWithinMs } = serviceSettings;

/** The settings of a group as a process. */
export const groupSettings = { grpcHost, grpcPort, rpcServer, startWithinMs } satisfies Settings;

/**
 * Runs services as one process: see {@link runProcess}, which owns the signals. With the argument `migrate` it only brings their schemas
 * up to date. Settings of one service have its name before them, such as `ORDERS__DATABASE_URL`.
 */
export function runGroup(group: Group): Promise<void> {
  const { name, services } = group;
  if (process.argv[2] !== "migrate") return runProcess(groupProcess(group, process.env));
  const names = services.map((service) => service.name);
  const environment = (service: string) => environmentOf(service, names, process.env);
  return runMigrations(
    name,
    services.map((definition) => ({ definition, environment: environment(definition.name) })),
  );
}

/** Starts a group inside another process, such as a test's: no signals, no exit. */
export async function startGroup(
  group: Group,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunningGroup> {
  const definition = groupProcess(group, environment);
  const config = withDefaults(groupSettings, { grpcPort: 0, warmUpMs: 0 });
  const { metricsPort, started, stop } = await startProcess(definition, config);
  return { grpcPort: started.grpcPort, metricsPort, stop };
}

function groupProcess({ name, services, edges = [] }: Group, environment: NodeJS.ProcessEnv) {
  const definition: ProcessDefinition<typeof groupSettings, Stoppable & { readonly grpcPort: number | undefined }> = {
    name,
    settings: groupSettings,
    start({ config, log }) {
      const tables = [
        ...services.map((service) => ({ name: service.name, settings: settingsOf(service) })),
        ...edges.map((edge) => ({ name: edge.name, settings: edge.settings })),
      ].map((each) => ({ ...each, settings: { ...processSettings, ...each.settings } }));
      const ports = { GRPC_PORT: String(config.grpcPort), METRICS_PORT: String(config.metricsPort) };
      const configs = readGroup(tables, { ...environment, ...ports });
      const members = services.map(
        (service, index): Member => ({
          definition: service,
          config: configs[index] as Member["config"],
          log: createLogger({ service: service.name }),
        }),
      );
      const edgeStarts = edges.map((edge, index) => () => {
        // Half of the grace is for the edges, which stop first.
        const graceMs = config.graceMs / 2;
        const own = { ...configs[services.length + index], graceMs } as unknown as ProcessConfig<Settings>;
        return edge.start({ config: own, log: createLogger({ service: edge.name }) });
      });
      const start = () => startHost({ ...config, members, edges: edgeStarts, log });
      return onceAvailable(start, { withinMs: config.startWithinMs, log });
    },
  };
  return definition;
}
