import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./helm.ts";
import { alertFolder, alerts, alertTests, filesOf, objectives, ruleFiles, runbooks } from "./observability-files.ts";
import { hasPromtool, promtool } from "./promtool.ts";

const cases = filesOf(alertTests, ".yaml");
const runbookOf = (name: string) =>
  name
    .replace("Kontor", "")
    .replaceAll(/(?<=.)(?=[A-Z])/g, "-")
    .toLowerCase();

describe("the alerts", () => {
  it("use metrics that exist", () => {
    const known = readFileSync(`${root}/docs/reference/metrics.md`, "utf8");
    const used = [...ruleFiles.values()].flatMap((text) => text.match(/\b(kontor|nodejs|process)_\w+\b/g) ?? []);
    expect(new Set(used).size).toBeGreaterThan(15);
    for (const name of new Set(used)) expect(known, name).toContain(`\`${name.replace(/_(bucket|count|sum)$/, "")}\``);
  });

  it.each(alerts)("$name has its urgency and its runbook", ({ name, text }) => {
    expect(text).toMatch(/severity: (page|ticket)/);
    const page = /runbook_url: "?https:\/\/kontor\.example\/docs\/runbooks\/(.+)\.md"?$/m.exec(text)?.[1];
    if (name.startsWith("KontorErrorBudget")) expect(page).toBe("{{ $labels.slo }}");
    else expect(page).toBe(runbookOf(name));
  });

  it("and the objectives have one runbook each, with diagnosis and remedy", () => {
    const named = alerts.map(({ name }) => name).filter((name) => !name.startsWith("KontorErrorBudget"));
    expect([...runbooks.keys()].sort()).toEqual(["README", ...named.map(runbookOf), ...objectives].sort());
    for (const [name, text] of runbooks)
      if (name !== "README") expect(text, name).toMatch(/## Look[\s\S]*```[\s\S]*## Do/);
  });

  it("are each tested to fire and not to fire", () => {
    const text = [...cases.values()].join();
    for (const { name } of alerts) expect(text, name).toContain(`alertname="${name}"`);
    for (const name of objectives) expect(text, name).toContain(`slo="${name}"`);
    expect(text.match(/exp_samples: \[\]/g)?.length).toBeGreaterThan(20);
  });
});

if (!hasPromtool) describe.skip("promtool: skipped, for there is none in PATH", () => it("tests the alerts", () => {}));
else
  describe("promtool", () => {
    it("accepts the rules", () => {
      const files = [...ruleFiles.keys()].map((name) => `${alertFolder}/${name}.yaml`);
      expect(promtool("check", "rules", "--lint-fatal", ...files)).toMatchObject({ works: true });
    });

    it.each([...cases.keys()])(
      "confirms that the alerts of %s fire when they should, and only then",
      (name) => {
        const { works, says } = promtool("test", "rules", `${alertTests}/${name}.yaml`);
        expect(works, says).toBe(true);
      },
      60_000,
    );

    it("would notice a threshold that is wrong", () => {
      const folder = mkdtempSync(join(tmpdir(), "kontor-alerts-"));
      const wrong = ruleFiles.get("orders")?.replace("> 60", "> 600") ?? "";
      writeFileSync(join(folder, "orders.yaml"), wrong);
      const test = cases.get("orders")?.replace("../../files/alerts/", "") ?? "";
      writeFileSync(join(folder, "test.yaml"), test);
      const { works, says } = promtool("test", "rules", join(folder, "test.yaml"));
      rmSync(folder, { recursive: true });
      expect(works).toBe(false);
      expect(says).toContain("KontorSagasNotTaken");
    });
  });
