import { parseArgs } from "node:util";
import { defaultPorts, type Ports, shifted } from "./ports.ts";
import { Refusal } from "./refusal.ts";

export type Options = { ports: Ports; dataDir: string; seed: boolean; verbose: boolean };

const help = `Runs the whole shop on this machine: PostgreSQL, NATS, seven services, the gateway and the world outside.

  npm start -- [options]

  --port N          the gateway's port (default ${defaultPorts.gateway})
  --port-offset N   add N to every port, to run a second shop beside the first
  --data DIR        where state, logs and secrets live (default .kontor)
  --no-seed         start with empty databases
  --verbose         show every process's log here as well
  --help            this

Ctrl-C stops everything. The data stays: the next start goes on where this one ended. Delete the folder to start afresh.
Then, in another terminal: npm run demo`;

/** Reads the command line. Undefined when it asked for help, which is printed then. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parse(args);
  if (values.help) {
    console.log(help);
    return undefined;
  }
  const ports = shifted(defaultPorts, number("--port-offset", values["port-offset"] ?? "0", 0, 10_000));
  if (values.port !== undefined) ports.gateway = number("--port", values.port, 1, 65_535);
  return { ports, dataDir: values.data, seed: !values["no-seed"], verbose: values.verbose };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        "port-offset": { type: "string" },
        data: { type: "string", default: ".kontor" },
        "no-seed": { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (cause) {
    throw new Refusal(`${cause instanceof Error ? cause.message : cause}\n\n${help}`);
  }
}

function number(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Refusal(`${flag} must be a whole number from ${min} to ${max}, not "${text}".`);
}
