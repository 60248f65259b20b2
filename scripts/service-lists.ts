// Writes the files that list services from apps/shop/src/services.ts. With --check it only compares.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { services } from "../apps/shop/src/services.ts";
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
};

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
