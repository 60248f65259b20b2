import { type Edit, insertion, UnknownPlace } from "./edit.ts";
import { capitalised, type Names } from "./names.ts";

/** What the entry of a new service needs to know; removing it needs the name alone. */
export interface Facts extends Names {
  readonly ports: { readonly grpc: number; readonly metrics: number };
  readonly consumed: Consumed;
}

/** The event that a new service consumes. */
export interface Consumed {
  /** `UserRegistered` of `shop.users.v1.UserRegistered`. */
  readonly event: string;
  /** `users`: whose contract it is. */
  readonly service: string;
  readonly stream: string;
}

/** The list of services; `npm run generate` writes all that is derived from it. */
const LIST = "apps/shop/src/services.ts";

/** Values of services, where people may have moved the block of one out of the generated list. */
const VALUES = [
  "charts/kontor/values.yaml",
  "charts/kontor/values-minimal.yaml",
  "charts/kontor/values-production.yaml",
  "k8s/dev/values.yaml",
  "apps/e2e/cluster/production/values.yaml",
];

/** Returns the entry of a service in the list of services. Its removal removes values of its own, too. */
export function shopEdits({ name, ports, consumed }: Facts): readonly Edit[] {
  return [
    insertion(
      LIST,
      { before: "} as const satisfies Record<string, Service>;" },
      `  ${name}: {
    contract: "shop.${name}.v1.${capitalised(name)}Service",
    ports: { grpc: ${ports.grpc}, metrics: ${ports.metrics} },
    stream: "${name}",
    consumers: {
${consumerEntry(`${name}-${consumed.stream}`, consumed.stream, `shop.${consumed.service}.v1.${consumed.event}`)}    },
  },\n`,
      blockOf(name),
    ),
    ...VALUES.map((file): Edit => {
      const block = new RegExp(`^${name}:.*\\n(?: +.*\\n)*`, "m");
      return { file, add: (text) => text, remove: (text) => text.replace(block, "") };
    }),
  ];
}

const blockOf = (service: string) => new RegExp(`^ {2}${service}: \\{\\n(?: {4}.*\\n)* {2}\\},\\n`, "m");

const consumerEntry = (durable: string, stream: string, event: string) =>
  `      "${durable}": { stream: "${stream}", events: ["${event}"] },\n`;

/** Returns the entry of a consumer in the list of services. */
export function consumerEdit(consumer: string, durable: string, stream: string, event: string): Edit {
  const change = (text: string, next: (block: string) => string) => {
    const changed = text.replace(blockOf(consumer), next);
    if (changed === text) throw new UnknownPlace(`${LIST} has no place for, or no entry of, the consumer ${durable}.`);
    return changed;
  };
  const entry = consumerEntry(durable, stream, event);
  const own = new RegExp(`^ {6}"${durable}": \\{(?:.*\\},\\n|\\n(?: {8}.*\\n)* {6}\\},\\n)`, "m");
  return {
    file: LIST,
    add: (text) =>
      change(text, (block) =>
        block.includes("\n    consumers: {\n")
          ? block.replace(/(\n {4}consumers: \{\n(?: {6}.*\n)*)/, `$1${entry}`)
          : block.replace(/ {2}\},\n$/, `    consumers: {\n${entry}    },\n  },\n`),
      ),
    remove: (text) => change(text, (block) => block.replace(own, "").replace("    consumers: {\n    },\n", "")),
  };
}
