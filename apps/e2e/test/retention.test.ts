import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const apps = new URL("../../", import.meta.url);
const guide = readFileSync(new URL("../../../docs/guides/retention.md", import.meta.url), "utf8");
const schemas = readdirSync(apps)
  .map((app) => ({ app, path: new URL(`${app}/prisma/schema.prisma`, apps) }))
  .filter(({ path }) => existsSync(path));
/** State that the next change overwrites, and data that people enter: it does not grow on its own. */
const state = ["outbox_streams", "consumer_failures", "deferred_messages", "snapshots", "recipients", "rule_revisions"];
const entered = ["catalog", "users", "inventory"];

describe("the guide to retention", () => {
  it.each(schemas.filter(({ app }) => !entered.includes(app)))(
    "or the README of $app says how long every table of it is kept",
    ({ app, path }) => {
      const said = guide + readFileSync(new URL(`${app}/README.md`, apps), "utf8");
      const tables = [...readFileSync(path, "utf8").matchAll(/@@map\("(\w+)"\)/g)].flatMap(([, table]) => table ?? []);
      const unsaid = tables.filter((table) => !state.includes(table) && !said.includes(`\`${table}\``));
      expect(unsaid).toEqual([]);
    },
  );
});
