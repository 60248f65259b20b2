// Writes the files that list services from apps/shop/src/services.ts. With --check it only compares.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { services } from "../apps/shop/src/services.ts";
import { connectionSettings, groupsOf } from "../apps/shop/src/topologies.ts";
import { type Apps, lists } from "./service-lists/lists.ts";

const root = join(import.meta.dirname, "..");
const graph: { calls: Record<string, string[]> } = parse(
  readFileSync(join(root, "charts/kontor/files/call-graph.yaml"), "utf8"),
);
const apps: Apps = {
  services: Object.entries(services)
    .sort(([, one], [, other]) => one.ports.grpc - other.ports.grpc)
    .map(([name]) => name),
  simulators: ["psp-simulator", "carrier-simulator", "mail-sink"],
  contracts: Object.fromEntries(Object.entries(services).map(([name, { contract }]) => [name, contract])),
  calls: graph.calls,
  groups: { one: groupOfEach("one"), grouped: groupOfEach("grouped") },
  connections: Object.fromEntries(
    groupsOf("one").flatMap((group) =>
      group.apps.flatMap((app) => (app === "gateway" ? [] : [[app, connectionSettings(group, app)] as const])),
    ),
  ),
};

function groupOfEach(topology: "one" | "grouped"): Record<string, string> {
  const groups = groupsOf(topology).filter(({ apps }) => apps.length > 1);
  return Object.fromEntries(groups.flatMap(({ name, apps }) => apps.map((app) => [app, name])));
}

for (const { file, write } of lists) {
  const path = join(root, file);
  const text = readFileSync(path, "utf8");
  const written = write(text, apps);
  if (written === text) continue;
  if (!process.argv.includes("--check")) writeFileSync(path, written);
  else {
    console.error(`${file} does not list the services of apps/shop/src/services.ts: \`npm run generate\`.`);
    process.exitCode = 1;
  }
}
