// Writes the dashboards of the chart from their short form in scripts/dashboards. With --check it only compares.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { business } from "./dashboards/business.ts";
import { eventsAndSagas } from "./dashboards/events-and-sagas.ts";
import { gateway } from "./dashboards/gateway.ts";
import type { dashboard } from "./dashboards/grafana.ts";
import { services } from "./dashboards/services.ts";

const folder = join(import.meta.dirname, "../charts/kontor/files/dashboards");
mkdirSync(folder, { recursive: true });
for (const each of [business, eventsAndSagas, gateway, services]) {
  const file = join(folder, `${each.uid.replace("kontor-", "")}.json`);
  const text = `${pretty(each)}\n`;
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`${file} is not what scripts/dashboards says: \`npm run generate\`.`);
    process.exitCode = 1;
  }
}

/** Returns the JSON with one line for each panel, which is readable in a diff. */
function pretty({ panels, ...head }: ReturnType<typeof dashboard>): string {
  const lines = panels.map((panel) => `    ${JSON.stringify(panel)}`).join(",\n");
  return JSON.stringify({ ...head, panels: [] }, null, 2).replace(
    /"panels": \[\]\n}$/,
    `"panels": [\n${lines}\n  ]\n}`,
  );
}
