import { type Edit, insertion, UnknownPlace } from "./edit.ts";
import { capitalised, type Names } from "./names.ts";

/** Entries in the lists of images, charts and environments. Services come before the simulators, in the order of their creation. */
export function deliveryEdits({ name }: Pick<Names, "name">): readonly Edit[] {
  const inChart = `  - name: service\n    alias: ${name}\n    version: 0.1.0\n    repository: file://../service\n    condition: ${name}.enabled\n`;
  const production = "  replicas: 2\n  resources: { cpu: 100m }\n";
  const beforeSimulators = { before: "\npsp-simulator:" };
  return [
    insertion("k8s/images/docker-bake.hcl", { before: '    "psp-simulator", "carrier' }, `    "${name}",\n`),
    insertion("Tiltfile", { after: "'notifications'" }, `, '${name}'`),
    skaffoldArtifact(name),
    skaffoldTargets,
    insertion(
      "charts/kontor/Chart.yaml",
      { before: "  - name: service\n    alias: psp-simulator\n" },
      inChart,
      new RegExp(`^ {2}- name: service\\n {4}alias: ${name}\\n(?: {4}.*\\n)*`, "m"),
    ),
    upstream(name),
    insertion(
      "charts/kontor/values.yaml",
      beforeSimulators,
      `\n${name}:\n  enabled: true\n  calls: [users]\n`,
      block(name),
    ),
    insertion(
      "charts/kontor/values.schema.json",
      { before: '    "psp-simulator": {\n' },
      `    "${name}": {\n      "type": "object"\n    },\n`,
      new RegExp(`^ {4}"${name}": \\{\\n(?: {6}.*\\n)* {4}\\},\\n`, "m"),
    ),
    insertion("charts/kontor/values-minimal.yaml", beforeSimulators, `\n${name}: *small`, block(name)),
    insertion("charts/kontor/values-production.yaml", "end", `${name}:\n${production}`, topLevel(name)),
    insertion(
      "k8s/gitops/production/values.yaml",
      "end",
      `${name}:\n  image: { tag: "0.1.0" }\n${production}`,
      topLevel(name),
    ),
    insertion("k8s/gitops/staging/values.yaml", beforeSimulators, `\n${name}:\n  image: { tag: "main" }`, block(name)),
    insertion("k8s/dev/values.yaml", beforeSimulators, `\n${name}: *dev`, block(name)),
    insertion(
      "apps/e2e/cluster/production/values.yaml",
      "end",
      `${name}: { resources: { cpu: 20m } }\n`,
      topLevel(name),
    ),
  ];
}

/** A key of the top level with all that belongs to it, and the line break or blank line before it. */
const block = (name: string) => new RegExp(`\\n${name}:.*(?:\\n +.*)*(?:\\n(?=\\n))?`);

/** The same with the line break after it, for the end of a file. */
const topLevel = (name: string) => new RegExp(`^${name}:.*\\n(?: +.*\\n)*`, "m");

/** An artifact of Skaffold: its first line, and what is indented below. */
const artifactOf = (name: string) => new RegExp(`^ {4}- image: kontor/${name}\\n(?: {6}.*\\n)*`, "m");

/** An artifact like that of notifications. */
function skaffoldArtifact(name: string): Edit {
  const file = "skaffold.yaml";
  const before = { before: "    - image: kontor/psp-simulator\n" };
  return {
    file,
    add(text) {
      const [like] = artifactOf("notifications").exec(text) ?? [];
      if (like === undefined) throw new UnknownPlace(`${file} has no artifact of notifications.`);
      return insertion(file, before, like.replaceAll("notifications", name)).add(text);
    },
    remove: (text) => insertion(file, before, "", artifactOf(name)).remove(text),
  };
}

const TARGET = /^ {6}- \{ op: add, path: \/build\/artifacts\/\d+\/docker\/target, value: dev \}\n/gm;

/** Skaffold names images by their number: one line each. */
const skaffoldTargets: Edit = { file: "skaffold.yaml", add: writeTargets, remove: writeTargets };

function writeTargets(text: string): string {
  const count = [...text.matchAll(/^ {4}- image: kontor\//gm)].length;
  const first = text.search(TARGET);
  if (first < 0) throw new UnknownPlace("skaffold.yaml has no targets of artifacts in its profile dev.");
  const lines = Array.from(
    { length: count },
    (_, index) => `      - { op: add, path: /build/artifacts/${index}/docker/target, value: dev }\n`,
  );
  const rest = text.replace(TARGET, "");
  return rest.slice(0, first) + lines.join("") + rest.slice(first);
}

const UPSTREAMS = /( {4}GATEWAY_UPSTREAMS: >-\n) {6}\{((?:.*\n)+?.*)\}\n/;

/** The gateway's upstreams are one JSON object over several lines, sorted. */
function upstream(name: string): Edit {
  const own = `"kontor.${name}.v1.`;
  const change = (text: string, next: (all: readonly string[]) => readonly string[]) => {
    const [, head, list] = UPSTREAMS.exec(text) ?? [];
    if (head === undefined || list === undefined)
      throw new UnknownPlace("charts/kontor/values.yaml has no GATEWAY_UPSTREAMS over several lines.");
    const entries = list.split(/,\n {6}/);
    return text.replace(UPSTREAMS, () => `${head}      {${[...next(entries)].sort().join(",\n      ")}}\n`);
  };
  return {
    file: "charts/kontor/values.yaml",
    add: (text) =>
      change(text, (all) => [
        ...all,
        `${own}${capitalised(name)}Service":"{{ include "lib.address" (list . "${name}") }}"`,
      ]),
    remove: (text) => change(text, (all) => all.filter((entry) => !entry.startsWith(own))),
  };
}
