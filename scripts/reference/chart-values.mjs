import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, parseDocument } from "yaml";
import { code, generated, table } from "./page.mjs";

/** The README of a chart: what it is, by Chart.yaml, and its values, by the comments in values.yaml. */
export function chartPage(folder, more = "") {
  const chart = parseDocument(readFileSync(join(folder, "Chart.yaml"), "utf8"));
  const cells = rowsOf(folder).map(({ path, value, comment }) => [
    code(path.join(".")),
    defaultOf(value),
    comment.replaceAll("<", "&lt;"),
  ]);
  const own = table(["Value", "Default", "Meaning"], cells);
  return `${generated}# ${chart.get("name")}\n\n${chart.get("description")}\n${more}\n## Values\n\n${own}\n`;
}

export const howToInstall = `
\`\`\`sh
helm install kontor charts/kontor --namespace shop --create-namespace
\`\`\`

\`values-minimal.yaml\` fits 3 GiB, \`values-production.yaml\` shows what a real shop decides. [The guide](../../docs/guides/kubernetes.md) goes step by
step. Each app has the values of [charts/service](../service/README.md) under its name, such as \`orders.replicas\`.
`;

/** The values of a chart, without those of its apps, in their order, each with its path and its comment in values.yaml. */
export function rowsOf(folder) {
  const values = parseDocument(readFileSync(join(folder, "values.yaml"), "utf8"));
  const apps = appsOf(folder);
  return values.contents.items.filter(({ key }) => !apps.includes(key.value)).flatMap((pair) => rowsBelow(pair, []));
}

/** The names under which a chart has the chart of an app. */
export function appsOf(folder) {
  const chart = parseDocument(readFileSync(join(folder, "Chart.yaml"), "utf8"));
  return (chart.toJS().dependencies ?? []).flatMap(({ alias }) => alias ?? []);
}

function rowsBelow({ key, value }, above, comment = key.commentBefore) {
  const path = [...above, key.value];
  const row = { path, value, comment: oneLine(comment) };
  if (!isBlock(value)) return [row];
  // The parser gives the comment over the first key of a block to the block.
  const below = value.items.flatMap((pair, nth) =>
    rowsBelow(pair, path, nth === 0 ? value.commentBefore : pair.key.commentBefore),
  );
  return row.comment === "" ? below : [row, ...below];
}

/** The last paragraph of a comment: one before it speaks of what follows as a whole. */
const oneLine = (comment = "") => (comment.split(/\n\s*\n/).at(-1) ?? "").replaceAll(/\s+/g, " ").trim();

const isBlock = (value) => isMap(value) && !value.flow;

function defaultOf(value) {
  if (isBlock(value)) return "";
  return isScalar(value) && value.value === "" ? '`""`' : code(JSON.stringify(value.toJSON()));
}
