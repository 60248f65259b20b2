// Writes what charts know of contracts and settings: who calls whom, and who checks who calls. With --check it only compares.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { callGraph, write, writeNatsUsers, writeTemplates } from "./call-graph/derive.ts";

const files = {
  "charts/kontor/files/call-graph.yaml": write(callGraph()),
  "charts/kontor/files/nats-users.yaml": writeNatsUsers(),
  "charts/lib/templates/_contracts.tpl": writeTemplates(),
};

for (const [name, text] of Object.entries(files)) {
  const file = new URL(`../${name}`, import.meta.url);
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(`${name} is not what the code says: \`npm run generate\`.`);
    process.exitCode = 1;
  }
}
process.exit();
