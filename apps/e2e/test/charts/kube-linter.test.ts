import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { chart, helms, render, root } from "./helm.ts";

const isThere = spawnSync("kube-linter", ["version"]).status === 0;
const [helm = ""] = helms;

describe.skipIf(helm === "" || !isThere)("the findings of kube-linter (skipped without helm and kube-linter)", () => {
  it.each(["values.yaml", "values-minimal.yaml", "values-production.yaml"])("of %s: nothing", (values) => {
    const rendered = render(helm, "--values", `${chart}/${values}`);
    const { stdout, stderr, status } = spawnSync(
      "kube-linter",
      ["lint", "--config", `${root}/k8s/kube-linter.yaml`, "-"],
      { encoding: "utf8", input: rendered },
    );
    expect(`${stdout}${stderr}`).toContain("No lint errors found");
    expect(status).toBe(0);
  });
});
