import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { packageChart } from "../../../../scripts/release/package-chart.ts";
import { chart, helms, root } from "./helm.ts";

if (helms.length === 0)
  describe.skip("the packed chart: skipped, for there is no helm in PATH", () => it("renders", () => {}));

describe.each(helms)("the packed chart of a release, by %s", (helm) => {
  const folder = mkdtempSync(join(tmpdir(), "kontor-packed-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const execute = (...args: string[]) => execFileSync(helm, args, { encoding: "utf8", stdio: "pipe" });

  it("installs the images of its registry and version, and names no others of ours", () => {
    packageChart({ version: "1.10.0", registry: "ghcr.io/example", folder, helm });
    const packed = join(folder, "kontor-1.10.0.tgz");
    const rendered = execute("template", "kontor", packed, "--kube-version", "1.33.0", "--set", "seed.enabled=true");
    const images = [...rendered.matchAll(/^\s+image: "?([^"\s]+)"?$/gm)].map(([, image = ""]) => image);
    const ours = images.filter((image) => image.includes("kontor/"));
    expect(ours.length).toBeGreaterThan(18);
    for (const image of ours) expect(image).toMatch(/^ghcr\.io\/example\/kontor\/[a-z-]+:1\.10\.0$/);
    const versions = new Set([...rendered.matchAll(/app\.kubernetes\.io\/version: (\S+)/g)].map(([, one]) => one));
    expect([...versions]).toEqual(['"1.10.0"']);
    expect(execute("show", "chart", packed)).toMatch(/^appVersion: "?1\.10\.0"?$/m);
  });
});

it("is described for Artifact Hub, and every value of its schema is", () => {
  expect(readFileSync(`${chart}/Chart.yaml`, "utf8")).toMatch(/artifacthub\.io\/license: Apache-2\.0/);
  const schema = JSON.parse(readFileSync(`${chart}/values.schema.json`, "utf8"));
  const nested = (node: { properties?: object }) => Object.entries(node.properties ?? {});
  const bare = nested(schema.properties.global).filter(
    ([name, { description, $ref }]) => !description && !$ref && !["image", "resources"].includes(name),
  );
  expect(bare.map(([name]) => name)).toEqual([]);
});

it("is seeded from apps/launcher", () => {
  expect(() => execFileSync(process.execPath, ["scripts/seed-job.ts", "--check"], { cwd: root })).not.toThrow();
});
