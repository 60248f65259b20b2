import { type Edit, insertion } from "./edit.ts";
import type { Names } from "./names.ts";

/** Entries in the schema of the chart and in environments, whose tags releases write. `npm run generate` writes the lists of images and charts. */
export function deliveryEdits({ name }: Pick<Names, "name">): readonly Edit[] {
  const production = "  replicas: 2\n  resources: { cpu: 100m }\n";
  const beforeSimulators = { before: "\npsp-simulator:" };
  return [
    insertion(
      "charts/kontor/values.schema.json",
      { before: '    "psp-simulator": {\n' },
      `    "${name}": {\n      "type": "object"\n    },\n`,
      new RegExp(`^ {4}"${name}": \\{\\n(?: {6}.*\\n)* {4}\\},\\n`, "m"),
    ),
    insertion(
      "k8s/gitops/production/values.yaml",
      "end",
      `${name}:\n  image: { tag: "0.1.0" }\n${production}`,
      topLevel(name),
    ),
    insertion("k8s/gitops/staging/values.yaml", beforeSimulators, `\n${name}:\n  image: { tag: "main" }`, block(name)),
    ...VALUES.map((file) => ownSettings(file, name)),
  ];
}

/** Where `npm run generate` writes a block for a service, until people move it out of that list to change it. */
const VALUES = [
  "charts/kontor/values.yaml",
  "charts/kontor/values-minimal.yaml",
  "charts/kontor/values-production.yaml",
  "k8s/dev/values.yaml",
  "apps/e2e/cluster/production/values.yaml",
];

/** Removes the block of a service, wherever it is. */
function ownSettings(file: string, name: string): Edit {
  return { file, add: (text) => text, remove: (text) => text.replace(topLevel(name), "") };
}

/** A key of the top level with all that belongs to it, and the line break or blank line before it. */
const block = (name: string) => new RegExp(`\\n${name}:.*(?:\\n +.*)*(?:\\n(?=\\n))?`);

/** The same with the line break after it, for the end of a file. */
const topLevel = (name: string) => new RegExp(`^${name}:.*\\n(?: +.*\\n)*`, "m");
