import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { chart, root } from "./helm.ts";

/** The files of a folder of the project with this ending, by name without it. */
export function filesOf(folder: string, ending: string): Map<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return new Map(names.map((name) => [basename(name, ending), readFileSync(`${folder}/${name}`, "utf8")]));
}

export const alertFolder = `${chart}/files/alerts`;
export const alertTests = `${chart}/test/alerts`;

/** The rule files, but not the output of kustomize. */
export const ruleFiles = new Map([...filesOf(alertFolder, ".yaml")].filter(([, text]) => /^groups:$/m.test(text)));
export const dashboards = filesOf(`${chart}/files/dashboards`, ".json");
export const runbooks = filesOf(`${root}/docs/runbooks`, ".md");

/** Every alert as its rule file has it: one block of YAML. */
export const alerts = [...ruleFiles.values()]
  .flatMap((text) => text.split(/^ {6}- /m).slice(1))
  .filter((block) => block.startsWith("alert: "))
  .map((text) => ({ name: /^alert: (\S+)/.exec(text)?.[1] ?? "", text }));

export const objectives = [
  ...new Set([...(ruleFiles.get("slo") ?? "").matchAll(/slo: ([\w-]+)/g)].map(([, name]) => name ?? "")),
];

type Panel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
};
export type Dashboard = { readonly uid: string; readonly title: string; readonly panels: readonly Panel[] };

/** The queries of a dashboard, with values instead of Grafana's variables. */
export function queriesOf(json: string): string[] {
  const { panels } = JSON.parse(json) as Dashboard;
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  return queries.map((query) => query.replaceAll("$__rate_interval", "5m").replaceAll(/\$(namespace|app)\b/g, ".*"));
}
