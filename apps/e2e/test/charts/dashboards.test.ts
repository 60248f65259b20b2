import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./helm.ts";
import { type Dashboard, dashboards, queriesOf, ruleFiles } from "./observability-files.ts";
import { hasPromtool, promtool } from "./promtool.ts";

const parsed = [...dashboards].map(([name, json]) => ({ name, json, ...(JSON.parse(json) as Dashboard) }));

describe("the dashboards", () => {
  it("equal the output of scripts/dashboards", () => {
    execFileSync(process.execPath, ["scripts/dashboards.ts", "--check"], { cwd: root, stdio: "pipe" });
  });

  it("have a uid that never changes, for links lead to it", () => {
    const uids = ["kontor-business", "kontor-events-and-sagas", "kontor-gateway", "kontor-services"];
    expect(parsed.map(({ uid }) => uid).sort()).toEqual(uids);
    for (const { panels } of parsed) expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  it.each(parsed)("$title queries existing metrics, in every panel", ({ json, panels }) => {
    const known = readFileSync(`${root}/docs/reference/metrics.md`, "utf8");
    const recorded = [...ruleFiles.values()].join();
    for (const { type, title, targets } of panels)
      if (type !== "row") expect(targets?.length, title).toBeGreaterThan(0);
    for (const query of queriesOf(json)) {
      const names = query.match(/\b(kontor|nodejs|process)_\w+\b/g) ?? [];
      for (const name of names) expect(known, name).toContain(`\`${name.replace(/_(bucket|count|sum)$/, "")}\``);
      for (const name of query.match(/\bslo:\w+(:\w+)?/g) ?? [])
        expect(recorded).toContain(`record: "${name}"`.replace(/"(slo:budget)"/, "$1"));
      expect(names.length + Number(/slo:|up\{/.test(query)), query).toBeGreaterThan(0);
    }
  });

  it.skipIf(!hasPromtool).each(parsed)("$title has valid queries (skipped without promtool)", ({ json }) => {
    const rules = queriesOf(json).map(
      (query, at) => `      - { record: "panel:${at}", expr: ${JSON.stringify(query)} }`,
    );
    const folder = mkdtempSync(join(tmpdir(), "kontor-dashboards-"));
    writeFileSync(join(folder, "queries.yaml"), `groups:\n  - name: queries\n    rules:\n${rules.join("\n")}\n`);
    const { works, says } = promtool("check", "rules", join(folder, "queries.yaml"));
    rmSync(folder, { recursive: true });
    expect(works, says).toBe(true);
  });
});
