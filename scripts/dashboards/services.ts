import { dashboard, variable } from "./grafana.ts";

const here = 'namespace=~"$namespace", app=~"$app"';
const rate = (metric: string, by: string, more = "") =>
  `sum by (${by}) (rate(${metric}{${here}${more}}[$__rate_interval]))`;
const within = (share: number, metric: string, by: string) =>
  `histogram_quantile(${share}, sum by (le, ${by}) (rate(${metric}_bucket{${here}}[$__rate_interval])))`;
const failed = ', code=~"UNKNOWN|INTERNAL|DATA_LOSS|UNAVAILABLE|DEADLINE_EXCEEDED"';

export const services = dashboard({
  uid: "kontor-services",
  title: "Kontor / Services",
  description: "Calls, databases and processes of each service.",
  variables: [variable("app", 'up{job="kontor", namespace=~"$namespace"}')],
  rows: [
    [
      "Calls they answer",
      ["Calls", "reqps", { "{{app}} {{method}}": rate("kontor_rpc_server_requests_total", "app, method") }],
      [
        "Failed by fault of the service",
        "reqps",
        { "{{app}} {{method}} {{code}}": rate("kontor_rpc_server_requests_total", "app, method, code", failed) },
      ],
      ["99 % within", "s", { "{{app}} {{method}}": within(0.99, "kontor_rpc_server_duration_seconds", "app, method") }],
      ["In flight", "short", { "{{app}} {{kind}}": `sum by (app, kind) (kontor_rpc_server_in_flight{${here}})` }],
    ],
    [
      "Calls they make",
      [
        "Calls by outcome",
        "reqps",
        { "{{app}} {{method}} {{code}}": rate("kontor_rpc_client_requests_total", "app, method, code") },
      ],
      ["99 % within", "s", { "{{app}} {{method}}": within(0.99, "kontor_rpc_client_duration_seconds", "app, method") }],
      [
        "Circuits: 1 half open, 2 open",
        "short",
        { "{{app}} to {{target}}": `max by (app, target) (kontor_rpc_client_circuit_state{${here}})` },
      ],
    ],
    [
      "Databases",
      [
        "Connections",
        "short",
        { "{{app}} {{state}}": `sum by (app, state) (kontor_postgres_pool_connections{${here}})` },
      ],
      [
        "Transactions, 99 % within",
        "s",
        { "{{app}} {{outcome}}": within(0.99, "kontor_postgres_transaction_duration_seconds", "app, outcome") },
      ],
      [
        "Conflicts and broken connections",
        "ops",
        {
          "{{app}} conflicts": rate("kontor_postgres_transaction_conflicts_total", "app"),
          "{{app}} broken": rate("kontor_postgres_connection_errors_total", "app"),
        },
      ],
    ],
    [
      "Processes",
      ["CPU", "percentunit", { "{{app}} {{pod}}": rate("process_cpu_seconds_total", "app, pod") }],
      ["Resident memory", "bytes", { "{{app}} {{pod}}": `sum by (app, pod) (process_resident_memory_bytes{${here}})` }],
      ["Heap", "bytes", { "{{app}} {{pod}}": `sum by (app, pod) (nodejs_heap_used_bytes{${here}})` }],
      [
        "Event-loop lag, 99 %",
        "s",
        { "{{app}} {{pod}}": `max by (app, pod) (nodejs_eventloop_lag_seconds{${here}, quantile="0.99"})` },
      ],
      ["Open files", "short", { "{{app}} {{pod}}": `sum by (app, pod) (process_open_fds{${here}})` }],
      [
        "Up for",
        "s",
        { "{{app}} {{pod}}": `time() - max by (app, pod) (process_start_time_seconds{${here}, job="kontor"})` },
      ],
    ],
  ],
});
