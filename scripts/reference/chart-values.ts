import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isNode, isScalar, type Pair, parse, parseDocument, type Scalar, type YAMLMap } from "yaml";
import { code, generated, table } from "./page.ts";

type Block = YAMLMap<Scalar<string>>;
type Entry = Pair<Scalar<string>, unknown>;

/** A value of a chart, with the keys that lead to it and its comment. */
interface Row {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly comment: string;
}

/** Returns the README of a chart: what it is, by Chart.yaml, and its values, by the comments in values.yaml. */
export function chartPage(folder: string, more = ""): string {
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

/** Returns the values of a chart, without those of its apps, in their order, each with its path and its comment in values.yaml. */
export function rowsOf(folder: string): readonly Row[] {
  const values = parseDocument(readFileSync(join(folder, "values.yaml"), "utf8"));
  const apps = appsOf(folder);
  return (values.contents as Block).items
    .filter(({ key }) => !apps.includes(key.value))
    .flatMap((pair) => rowsBelow(pair, []));
}

/** Returns the names under which a chart has the chart of an app. */
export function appsOf(folder: string): readonly string[] {
  const chart: { dependencies?: readonly { alias?: string }[] } = parse(
    readFileSync(join(folder, "Chart.yaml"), "utf8"),
  );
  return (chart.dependencies ?? []).flatMap(({ alias }) => alias ?? []);
}

function rowsBelow({ key, value }: Entry, above: readonly string[], comment = key.commentBefore): readonly Row[] {
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
const oneLine = (comment: string | null | undefined) =>
  ((comment ?? "").split(/\n\s*\n/).at(-1) ?? "").replaceAll(/\s+/g, " ").trim();

const isBlock = (value: unknown): value is Block => isMap(value) && !value.flow;

function defaultOf(value: unknown): string {
  if (isBlock(value)) return "";
  return isScalar(value) && value.value === "" ? '`""`' : code(JSON.stringify(isNode(value) ? value.toJSON() : value));
}
