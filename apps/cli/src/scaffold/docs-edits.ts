import { type Edit, insertion, UnknownPlace } from "./edit.ts";
import { capitalised, type Names } from "./names.ts";

/** Entries in dashboards and guides. */
export function docsEdits({ name }: Pick<Names, "name">): readonly Edit[] {
  return [
    insertion(
      "scripts/dashboards/business.mjs",
      { before: '    [\n      "Promises kept",\n' },
      `    [
      "${capitalised(name)}",
      [
        "In an hour",
        "short",
        {
          created: asked("/api/v1/${name}", "POST"),
          read: asked("/api/v1/${name}/{id}", "GET"),
        },
      ],
    ],\n`,
      new RegExp(`^ {4}\\[\\n {6}"${capitalised(name)}",\\n(?: {6}.*\\n)* {4}\\],\\n`, "m"),
    ),
    insertion(
      "docs/guides/retention.md",
      { before: "| catalog, users | what people and staff entered |" },
      `| ${name} | \`${name}\`, \`event_counts\` | What people entered, and one row for each key of events. |\n`,
      new RegExp(`^\\| ${name} \\|.*\\n`, "gm"),
    ),
    ...["docs/guides/kubernetes.md", "docs/guides/mesh.md"].map((file) => inGraphs(file, name)),
  ];
}

/** The graphs of guides name all services in a row, notifications as the last of the first ones. */
function inGraphs(file: string, name: string): Edit {
  const change = (text: string, from: RegExp, to: string) => {
    const changed = text.replace(from, to);
    if (changed === text) throw new UnknownPlace(`${file} has no graph with ${from.source}.`);
    return changed;
  };
  return {
    file,
    add: (text) => change(text, /^( {2}.*& notifications)/gm, `$1 & ${name}`),
    remove: (text) => change(text, new RegExp(`^( {2}.*& notifications(?: & \\w+)*?) & ${name}\\b`, "gm"), "$1"),
  };
}
