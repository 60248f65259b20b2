import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { capitalised } from "./names.ts";
import type { Facts } from "./shop-edits.ts";

const folder = fileURLToPath(new URL("../../data/new-service", import.meta.url));
const SUFFIX = ".tmpl";

/** What a template is filled with, next to the names. */
type Stamp = {
  /** The version of all packages. */
  readonly version: string;
  /** The day of the first migration: `20261130`. */
  readonly day: string;
};

/** Returns the files of a new service by their paths from the root: contracts, app with tests, change file. */
export function filledTemplates(facts: Facts, { version, day }: Stamp): ReadonlyMap<string, string> {
  const { name, resource, consumed } = facts;
  const values: Readonly<Record<string, string>> = {
    ...{ name, resource, version, day },
    Name: capitalised(name),
    Resource: capitalised(resource),
    RESOURCE: resource.toUpperCase(),
    Consumed: consumed.event,
    consumedService: consumed.service,
    consumedStream: consumed.stream,
  };
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
  if (value === undefined) throw new Error(`A template of new services names __${key}__, which has no value.`);
  return value;
}
