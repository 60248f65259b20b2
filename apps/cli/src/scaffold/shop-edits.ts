import { type Edit, insertion, sortedLine } from "./edit.ts";
import { capitalised, type Names } from "./names.ts";

/** What the entries of a new service need to know; removing them needs the name alone. */
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

/** Entries in the lists of the shop: services, streams and consumers, contracts. */
export function shopEdits({ name, resource, ports, consumed }: Facts): readonly Edit[] {
  const contract = `shop.${name}.v1.${capitalised(name)}Service`;
  const files = ["events", `${name}_service`];
  const ofModule = (line: string) => line.slice(line.indexOf(" from "));
  return [
    insertion(
      "apps/shop/src/services.ts",
      { before: "} as const satisfies Record<string, Service>;" },
      `  ${name}: { contract: "${contract}", ports: { grpc: ${ports.grpc}, metrics: ${ports.metrics} } },\n`,
      new RegExp(`^ {2}${name}: \\{.*\\},\\n`, "m"),
    ),
    insertion(
      "apps/shop/src/topology.ts",
      { before: "  ],\n  consumers: [\n" },
      `    { name: "${name}", package: "shop.${name}.v1", service: "${name}" },\n`,
      new RegExp(`^ {4}\\{ name: "${name}",.*\\},\\n`, "m"),
    ),
    insertion(
      "apps/shop/src/topology.ts",
      { before: "  ],\n  edges: [\n" },
      `    {
      durable: "${name}-${consumed.stream}",
      service: "${name}",
      stream: "${consumed.stream}",
      events: ["shop.${consumed.service}.v1.${consumed.event}"],
    },\n`,
      new RegExp(`^ {4}\\{\\n(?: {6}.*\\n)*? {6}service: "${name}",\\n(?: {6}.*\\n)*? {4}\\},\\n`, "gm"),
    ),
    ...files.flatMap((file) => [
      sortedLine(
        "apps/shop/src/registry.ts",
        `import { file_shop_${name}_v1_${file} } from "@kontor/shop/contracts/${name}/v1/${file}";`,
        {
          like: /^import \{ file_/,
          key: ofModule,
          own: new RegExp(`^import \\{ file_shop_${name}_v1_${file} \\}.*\\n`, "m"),
        },
      ),
      sortedLine("apps/shop/src/registry.ts", `  file_shop_${name}_v1_${file},`, {
        like: /^ {2}file_\w+,$/,
        own: new RegExp(`^ {2}file_shop_${name}_v1_${file},\\n`, "m"),
      }),
    ]),
    sortedLine("apps/shop/test/texts.test.ts", `  "${name}.v1.${capitalised(resource)}": ["id", "title"],`, {
      like: /^ {2}"\w+\.v1\.\w+": \[/,
      own: new RegExp(`^ {2}"${name}\\.v1\\.\\w+": \\[.*\\],\\n`, "gm"),
    }),
  ];
}
