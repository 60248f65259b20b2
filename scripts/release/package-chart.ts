// node scripts/release/package-chart.ts <version> <registry> <folder>: packs the chart of a release, whose defaults are its images.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const charts = join(import.meta.dirname, "../../charts");

/** What is packed, and the program that packs it. */
interface Package {
  readonly version: string;
  readonly registry: string;
  readonly folder: string;
  /** Default: the helm in PATH. */
  readonly helm?: string;
}

/** Writes `kontor-<version>.tgz` into the folder. Images are `<registry>/kontor/<app>:<version>`. */
export function packageChart({ version, registry, folder, helm = "helm" }: Package): string {
  const copy = mkdtempSync(join(tmpdir(), "kontor-chart-"));
  try {
    const chart = join(copy, "kontor");
    cpSync(join(charts, "kontor"), chart, { recursive: true, dereference: true });
    for (const file of ["Chart.yaml", "charts/service/Chart.yaml"])
      replaceLine(join(chart, file), /^appVersion: .*$/m, `appVersion: ${JSON.stringify(version)}`);
    replaceLine(join(chart, "values.yaml"), /^ {4}registry: ""$/m, `    registry: ${JSON.stringify(registry)}`);
    replaceLine(join(chart, "values.yaml"), /^ {4}tag: dev$/m, `    tag: ${JSON.stringify(version)}`);
    const packed = ["package", chart, "--version", version, "--destination", resolve(folder)];
    const { status, stdout, stderr } = spawnSync(helm, packed, { encoding: "utf8" });
    if (status !== 0) throw new Error(`helm ${packed.join(" ")}: ${stderr}`);
    return stdout;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function replaceLine(file: string, line: RegExp, by: string): void {
  const text = readFileSync(file, "utf8");
  if (!line.test(text)) throw new Error(`${file} has no line ${line}.`);
  writeFileSync(
    file,
    text.replace(line, () => by),
  );
}

if (import.meta.main) {
  const [version = "", registry = "", folder = ""] = process.argv.slice(2);
  if (!/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version) || !registry || !folder) {
    console.error("Usage: node scripts/release/package-chart.ts <version> <registry> <folder>");
    process.exit(2);
  }
  process.stdout.write(packageChart({ version, registry, folder }));
}
