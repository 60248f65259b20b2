// Writes the dashboards of the chart from their short form in scripts/dashboards. With --check it only compares.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { business } from "./dashboards/business.mjs";
import { eventsAndSagas } from "./dashboards/events-and-sagas.mjs";
import { gateway } from "./dashboards/gateway.mjs";
import { services } from "./dashboards/services.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../charts/kontor/files/dashboards");
mkdirSync(folder, { recursive: true });
for (const dashboard of [business, eventsAndSagas, gateway, services]) {
  const file = join(folder, `${dashboard.uid.replace("kontor-", "")}.json`);
  const text = `${pretty(dashboard)}\n`;
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`${file} is not what scripts/dashboards says: \`npm run generate\`.`);
    process.exitCode = 1;
  }
}

/** A panel a line: short enough to read in a diff. */
function pretty({ panels, ...head }) {
  const lines = panels.map((panel) => `    ${JSON.stringify(panel)}`).join(",\n");
  return JSON.stringify({ ...head, panels: [] }, null, 2).replace(
    /"panels": \[\]\n}$/,
    `"panels": [\n${lines}\n  ]\n}`,
  );
}
