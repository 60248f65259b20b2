import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { capitalised } from "./names.ts";
import type { Facts } from "./shop-edits.ts";

const data = fileURLToPath(new URL("../../data", import.meta.url));
const SUFFIX = ".tmpl";

/** The values of a template, next to the names. */
type Stamp = {
  /** The version of all packages. */
  readonly version: string;
  /** The day of the first migration: `20261130`. */
  readonly day: string;
};

/** Returns the files of a new service by their paths from the root: contracts, app with tests, change file. */
export function filesOfService(facts: Facts, { version, day }: Stamp): ReadonlyMap<string, string> {
  const { name, resource, consumed } = facts;
  return filledTemplates("new-service", {
    ...{ name, resource, version, day },
    Name: capitalised(name),
    Resource: capitalised(resource),
    RESOURCE: resource.toUpperCase(),
    Consumed: consumed.event,
    consumedService: consumed.service,
    consumedStream: consumed.stream,
  });
}

/**
 * Returns the templates of a folder of apps/cli/data by their paths from the root. `__key__` in paths and texts is replaced by its value.
 */
export function filledTemplates(
  kind: "new-service" | "new-rpc" | "new-event",
  values: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const folder = join(data, kind);
  const fill = (text: string) => text.replaceAll(/__([A-Za-z]+?)__/g, (_, key: string) => valueFor(values, key));
  const paths = globSync(
    ["**/*", ".changeset/*"].map((pattern) => `${pattern}${SUFFIX}`),
    { cwd: folder },
  ).sort();
  return new Map(
    paths.map((path) => [fill(path.slice(0, -SUFFIX.length)), fill(readFileSync(join(folder, path), "utf8"))]),
  );
}

function valueFor(values: Readonly<Record<string, string>>, key: string): string {
  const value = values[key];
  if (value === undefined) throw new Error(`A template names __${key}__, which has no value.`);
  return value;
}
