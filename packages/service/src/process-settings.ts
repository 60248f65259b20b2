import { type Config, duration, integer, port, type Settings, text } from "@kontor/config";

/** The settings of every process of the system. */
export const processSettings = {
  metricsHost: text("METRICS_HOST", { default: "127.0.0.1", doc: "Address that metrics and probes listen on." }),
  metricsPort: port("METRICS_PORT", { doc: "Port of /metrics, /livez and /readyz; 0 takes a free one." }),
  graceMs: integer("KONTOR_GRACE_MS", {
    default: 10_000,
    min: 100,
    doc: "Milliseconds that a process has to finish its work after a stop request.",
  }),
  warmUpMs: duration("KONTOR_WARM_UP", {
    default: "0s",
    doc: "How long a process that starts waits for its callees and for the keys of tokens before it becomes ready without them; 0s does not wait.",
  }),
};

/** The values of a process's own settings and those that all processes have. */
export type ProcessConfig<S extends Settings> = Config<S & typeof processSettings>;

/** Completes the values of a test with the defaults of the table; ports are free ones. */
export function withDefaults<S extends Settings>(settings: S, given: Partial<ProcessConfig<S>>): ProcessConfig<S> {
  const table: Settings = { ...processSettings, ...settings };
  const values: Readonly<Record<string, unknown>> = { metricsPort: 0, ...given };
  const config = Object.entries(table).map(([key, setting]) => {
    if (values[key] !== undefined) return [key, values[key]];
    if (setting.required) throw new TypeError(`${key} is needed.`);
    return [key, setting.fallback()];
  });
  return Object.fromEntries(config) as ProcessConfig<S>;
}
