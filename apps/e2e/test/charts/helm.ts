import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SHARED_FOLDER } from "@kontor/testing";

export const root = resolve(fileURLToPath(import.meta.url), "../../../../..");
export const chart = `${root}/charts/kontor`;

/** The Helms in PATH: `helm`, and others under the names of their major versions. */
export const helms = ["helm", "helm3", "helm4"].filter((name) => {
  try {
    execFileSync(name, ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

/** Renders the chart for the oldest Kubernetes that it supports. Throws the error of Helm. */
export const render = (helm: string, ...args: string[]) => renderAs("kontor", helm, ...args);

/** The same for a release of another name. */
export function renderAs(release: string, helm: string, ...args: string[]): string {
  const options = ["--namespace", "shop", "--kube-version", "1.33.0", ...args];
  const kept = keptAs([helm, release, ...options]);
  if (existsSync(kept)) return readFileSync(kept, "utf8");
  const rendered = execFileSync(helm, ["template", release, chart, ...options], { encoding: "utf8", stdio: "pipe" });
  writeFileSync(`${kept}.${process.pid}`, rendered);
  renameSync(`${kept}.${process.pid}`, kept);
  return rendered;
}

/** The folder of this run for files that several test files need, which the global setup creates and deletes. */
const shared = process.env[SHARED_FOLDER] ?? mkdtempSync(join(tmpdir(), "kontor-charts-"));

/** Returns the file that caches a rendering for the other files of the run: each takes Helm a second. */
function keptAs(args: readonly string[]): string {
  return join(shared, `${createHash("sha256").update(JSON.stringify(args)).digest("hex")}.yaml`);
}

/** Returns the message of Helm when it refuses the chart with these options. */
export function refusal(helm: string, ...args: string[]): string {
  try {
    render(helm, ...args);
    return "";
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr);
  }
}

/** Returns the objects of a rendered chart, sorted, without values that are generated on each rendering. */
export function objects(rendered: string): string[] {
  return rendered
    .split(/^---$/m)
    .map((text) => text.replace(/^\s*# Source: .*$/m, "").replace(/^\s*\n/gm, ""))
    .filter((text) => text.trim() !== "" && /^kind: /m.test(text))
    .map((text) => (/^kind: Secret$/m.test(text) ? withoutValues(text) : text))
    .sort();
}

function withoutValues(secret: string): string {
  const [head, data] = secret.split(/^data:$/m);
  return `${head}data:${data?.replace(/: \S+$/gm, ": made-up")}`;
}
