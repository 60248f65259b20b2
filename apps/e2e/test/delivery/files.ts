import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";

export const root = resolve(fileURLToPath(import.meta.url), "../../../../..");

export const read = (path: string) => readFileSync(`${root}/${path}`, "utf8");

/** A YAML file, as far as a test looks at it. */
export const yaml = <T>(path: string) => parse(read(path), { merge: true }) as T;

/** The documents of a YAML file. */
export const documents = <T>(path: string) => parseAllDocuments(read(path)).map((document) => document.toJS() as T);

/** The files below a folder, as paths from the root. */
export const filesIn = (folder: string, ending: string) =>
  readdirSync(`${root}/${folder}`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

const chartValues = yaml<Record<string, { kind?: string }>>("charts/kontor/values.yaml");

/** The apps of the chart, in its order. Groups run the image of the host. */
export const chartApps = yaml<{ dependencies: { alias?: string }[] }>("charts/kontor/Chart.yaml")
  .dependencies.flatMap(({ alias }) => alias ?? [])
  .filter((alias) => chartValues[alias]?.kind !== "group");

/** Every image: those of the chart's apps, and of the host. */
export const images = [...chartApps, "host"];

/** Runs a tool at the root and returns its output. Throws its error. */
export const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: root, encoding: "utf8", stdio: "pipe" });

/** Whether a tool is in PATH. */
export function has(command: string, ...version: string[]): boolean {
  try {
    run(command, ...version);
    return true;
  } catch {
    return false;
  }
}
