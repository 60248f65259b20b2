import { Refusal, readFlags, wholeNumber } from "@kontor/config";
import { type ServiceName, serviceNames, type TopologyName, topologyNames } from "@kontor/shop/processes";
import { allowedOrigins } from "./origins.ts";
import { defaultPorts, type Ports, shifted } from "./processes/ports.ts";

export type Options = {
  readonly ports: Ports;
  readonly dataDir: string;
  readonly seed: boolean;
  readonly verbose: boolean;
  /** Origins whose pages may call the gateway. */
  readonly corsOrigins: readonly string[];
  /** Whether the gateway counts the requests of each caller. */
  readonly rateLimits: boolean;
  /** Settings of PostgreSQL. */
  readonly postgres: Readonly<Record<string, string>>;
  /** How services are divided over processes. */
  readonly topology: TopologyName;
  /** Services that have a process each in any topology. */
  readonly apart: readonly ServiceName[];
};

const help = `Runs the whole shop on this machine: PostgreSQL, NATS, the services, the gateway and simulators of the external systems.

  npm start -- [options]

  --port N           the gateway's port (default ${defaultPorts.gateway})
  --port-offset N    add N to every port, to run a second shop next to the first
  --topology NAME    how services are divided over processes: many (default, one each), grouped (edge, storefront, fulfilment),
                     or one (all services and the gateway in one process)
  --apart NAME       give this service a separate process in any topology; may be repeated
  --data DIR         where state, logs and secrets are stored (default .kontor)
  --cors ORIGIN      allow pages of this origin to call the gateway, such as https://shop.example; may be repeated.
                     Pages of localhost, 127.0.0.1 and [::1] may call from any port without it
  --no-rate-limits   accept any number of requests from one caller, for benchmarks
  --postgres NAME=VALUE
                     start PostgreSQL with a setting, such as shared_preload_libraries=pg_stat_statements; may be repeated
  --no-seed          start with empty databases
  --verbose          show every process's log here as well
  --help             this

Logs are in DIR/logs, one file per process, rotated at 16 MiB. Ctrl-C stops everything. The data stays: the next start continues with it.
Delete the folder to start with an empty shop. Then, in another terminal: npm run demo`;

const flags = {
  port: { type: "string" },
  "port-offset": { type: "string", default: "0" },
  data: { type: "string", default: ".kontor" },
  topology: { type: "string", default: "many" },
  apart: { type: "string", multiple: true, default: [] as string[] },
  cors: { type: "string", multiple: true, default: [] as string[] },
  postgres: { type: "string", multiple: true, default: [] as string[] },
  "no-rate-limits": { type: "boolean", default: false },
  "no-seed": { type: "boolean", default: false },
  verbose: { type: "boolean", default: false },
} as const;

/** Returns the options of the command line. Undefined for --help, which is printed then. Throws a Refusal. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = readFlags(args, flags, help);
  if (!values) return undefined;
  const ports = shifted(defaultPorts, wholeNumber("--port-offset", values["port-offset"], 0, 10_000));
  if (values.port !== undefined) ports.gateway = wholeNumber("--port", values.port, 1, 65_535);
  return {
    ports,
    dataDir: values.data,
    seed: !values["no-seed"],
    verbose: values.verbose,
    corsOrigins: allowedOrigins(values.cors),
    rateLimits: !values["no-rate-limits"],
    postgres: Object.fromEntries(values.postgres.map(settingOf)),
    topology: oneOf("--topology", values.topology, topologyNames),
    apart: values.apart.map((name) => oneOf("--apart", name, serviceNames)),
  };
}

function settingOf(text: string): [name: string, value: string] {
  const [, name, value] = /^([a-z][a-z_.]*)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new Refusal(`--postgres must be NAME=VALUE, such as work_mem=8MB, not ${JSON.stringify(text)}.`);
  return [name, value];
}

function oneOf<T extends string>(flag: string, text: string, known: readonly T[]): T {
  const found = known.find((each) => each === text);
  if (found === undefined) throw new Refusal(`${flag} ${text} is none of ${known.join(", ")}.`);
  return found;
}
