const source = { type: "prometheus", uid: `\${datasource}` };
const WIDTH = { row: 24, stat: 4, graph: 8 };
const HEIGHT = { row: 1, stat: 4, graph: 8 };

/** Queries of Prometheus by their legends. */
export type Queries = Readonly<Record<string, string>>;

/** A graph, or a number with a value above which it alarms. */
export type Panel =
  | readonly [title: string, unit: string, queries: Queries]
  | readonly ["stat", title: string, unit: string, query: string, alarm?: number];

/** A title and the panels below it. */
export type Row = readonly [title: string, ...panels: Panel[]];

/** The short form of a dashboard. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
  readonly variables?: readonly object[];
}

/**
 * Returns a dashboard of Grafana. `rows` are [title, ...panels]; a panel is [title, unit, { legend: query }], or with `stat` in front a
 * number. Series of both halves of a fraction exist once there was traffic, so panels say what is, not what could be.
 */
export function dashboard({ uid, title, description, rows, variables = [] }: Dashboard) {
  return {
    ...{ uid, title, description, tags: ["kontor"], schemaVersion: 41, version: 1, editable: true, graphTooltip: 1 },
    ...{ refresh: "30s", time: { from: "now-1h", to: "now" }, timezone: "" },
    templating: { list: [datasource, variable("namespace", "kontor_outbox_depth"), ...variables] },
    panels: placed(rows),
  };
}

/** Returns a choice of the values that a label has. */
export function variable(label: string, metric: string): object {
  const query = { query: `label_values(${metric}, ${label})`, refId: label };
  const all = { text: "All", value: "$__all" };
  const choice = { includeAll: true, allValue: ".*", multi: true, refresh: 2, sort: 1, current: all };
  return { type: "query", name: label, label, datasource: source, query, definition: query.query, ...choice };
}

const datasource = { type: "datasource", name: "datasource", label: "Prometheus", query: "prometheus", refresh: 1 };

function placed(rows: readonly Row[]): readonly object[] {
  let [x, y, id] = [0, 0, 0];
  const next = (kind: keyof typeof HEIGHT, rest: object) => {
    const w = WIDTH[kind];
    if (x + w > 24) [x, y] = [0, y + HEIGHT.graph];
    const panel = { id: ++id, gridPos: { x, y, w, h: HEIGHT[kind] }, ...rest };
    x += w;
    return panel;
  };
  return rows.flatMap(([title, ...panels]) => {
    const head = next("row", { type: "row", title, collapsed: false, panels: [] });
    [x, y] = [0, y + HEIGHT.row];
    const below = panels.map((panel) => (isStat(panel) ? next("stat", stat(panel)) : next("graph", graph(panel))));
    [x, y] = [0, y + (panels.every(isStat) ? HEIGHT.stat : HEIGHT.graph)];
    return [head, ...below];
  });
}

type Stat = Extract<Panel, readonly ["stat", ...unknown[]]>;

const isStat = (panel: Panel): panel is Stat => panel[0] === "stat";

function graph([title, unit, queries]: Exclude<Panel, Stat>) {
  const defaults = { unit, min: 0, custom: { fillOpacity: 10, showPoints: "never" } };
  const options = { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } };
  return { type: "timeseries", title, ...common(queries), fieldConfig: { defaults, overrides: [] }, options };
}

function stat([, title, unit, query, alarm]: Stat) {
  const steps = [{ color: "green", value: null }, ...(alarm === undefined ? [] : [{ color: "red", value: alarm }])];
  const defaults = { unit, thresholds: { mode: "absolute", steps } };
  const options = { reduceOptions: { calcs: ["lastNotNull"] }, colorMode: alarm === undefined ? "none" : "value" };
  return { type: "stat", title, ...common({ "": query }), fieldConfig: { defaults, overrides: [] }, options };
}

function common(queries: Queries) {
  const targets = Object.entries(queries).map(([legendFormat, expr], index) => {
    return { refId: String.fromCharCode(65 + index), datasource: source, expr, legendFormat };
  });
  return { datasource: source, targets };
}
