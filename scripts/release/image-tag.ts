// node scripts/release/image-tag.ts k8s/gitops/staging/values.yaml <app> [tag]: says which image an app runs, or lets it run another.
import { readFileSync, writeFileSync } from "node:fs";

const lineOf = (app: string) => new RegExp(`^(${app}:\\n {2}image: \\{ tag: ")([^"]*)(" \\})$`, "m");

/** Returns the tag of an app's image. Throws if the app does not run there. */
export function tagOf(values: string, app: string): string {
  const tag = lineOf(app).exec(values)?.[2];
  if (tag === undefined) throw new Error(`No tag of ${app}: it does not run there.`);
  return tag;
}

/** Returns the values with another tag for one app; its comments and order are kept. */
export function setTag(values: string, app: string, tag: string): string {
  tagOf(values, app);
  return values.replace(lineOf(app), (_, before, _old, after) => before + tag + after);
}

if (import.meta.main) {
  const [file, app, tag] = process.argv.slice(2);
  if (!file || !app || (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag))) {
    console.error("Usage: node scripts/release/image-tag.ts <values file> <app> [tag]");
    process.exit(2);
  }
  const values = readFileSync(file, "utf8");
  if (tag === undefined) console.log(tagOf(values, app));
  else writeFileSync(file, setTag(values, app, tag));
}
