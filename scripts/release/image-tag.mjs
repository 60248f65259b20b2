// node scripts/release/image-tag.mjs k8s/gitops/staging/values.yaml <app> [tag]: says which image an app runs, or lets it run another.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const lineOf = (app) => new RegExp(`^(${app}:\\n {2}image: \\{ tag: ")([^"]*)(" \\})$`, "m");

/** The tag of an app's image. */
export function tagOf(values, app) {
  const tag = lineOf(app).exec(values)?.[2];
  if (tag === undefined) throw new Error(`No tag of ${app}: it does not run there.`);
  return tag;
}

/** The values with another tag for one app; its comments and order are kept. */
export function setTag(values, app, tag) {
  tagOf(values, app);
  return values.replace(lineOf(app), (_, before, _old, after) => before + tag + after);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, app, tag] = process.argv.slice(2);
  if (!app || (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag))) {
    console.error("Usage: node scripts/release/image-tag.mjs <values file> <app> [tag]");
    process.exit(2);
  }
  const values = readFileSync(file, "utf8");
  if (tag === undefined) console.log(tagOf(values, app));
  else writeFileSync(file, setTag(values, app, tag));
}
