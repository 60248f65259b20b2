import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chart, objects, root } from "./helm.ts";
import { dashboards, filesOf, ruleFiles } from "./observability-files.ts";

const laptop = `${root}/k8s/observability`;
const listed = (folder: string, ending: string) => {
  const list = /files: \[(.*)\]/.exec(readFileSync(`${folder}/kustomization.yaml`, "utf8"))?.[1] ?? "";
  return list.split(", ").map((file) => file.replace(ending, ""));
};
const kustomized = spawnSync("kubectl", ["kustomize", laptop], { encoding: "utf8" });

describe("Prometheus and Grafana for a laptop", () => {
  it("take every alert and every dashboard of the chart", () => {
    expect(listed(`${chart}/files/alerts`, ".yaml").sort()).toEqual([...ruleFiles.keys()].sort());
    expect(listed(`${chart}/files/dashboards`, ".json").sort()).toEqual([...dashboards.keys()].sort());
  });

  it("request nothing that restricted Pod Security refuses, and have memory limits", () => {
    const workloads = [...filesOf(laptop, ".yaml").values()].filter((text) => text.includes("kind: Deployment"));
    expect(workloads).toHaveLength(2);
    const needs = [
      "runAsNonRoot: true",
      "type: RuntimeDefault",
      "allowPrivilegeEscalation: false",
      "drop: [ALL]",
      "limits: { memory",
    ];
    for (const text of workloads)
      for (const need of [...needs, "readOnlyRootFilesystem: true"]) expect(text).toContain(need);
  });

  it("find pods by the labels that the chart's PodMonitor goes by", () => {
    const config = readFileSync(`${laptop}/config/prometheus.yaml`, "utf8");
    const monitor = readFileSync(`${chart}/templates/pod-monitor.yaml`, "utf8");
    for (const [label, target] of [
      ["app_kubernetes_io_name", "app"],
      ["track", "track"],
    ]) {
      expect(config).toMatch(new RegExp(`__meta_kubernetes_pod_label_${label}\\], target_label: ${target} `));
      expect(monitor).toMatch(new RegExp(`__meta_kubernetes_pod_label_${label}\\]\\n\\s+targetLabel: ${target}\\n`));
    }
  });

  it.skipIf(kustomized.error)("are one kustomization, whose volumes are there (skipped without kubectl)", () => {
    expect(kustomized.stderr).toBe("");
    const all = objects(kustomized.stdout);
    const made = all
      .filter((text) => text.includes("kind: ConfigMap"))
      .map((text) => /^ {2}name: (\S+)$/m.exec(text)?.[1]);
    const mounted = all.flatMap((text) => [...text.matchAll(/configMap:\n\s+name: (\S+)/g)].map(([, name]) => name));
    expect(mounted.sort()).toEqual(made.sort());
  });
});
