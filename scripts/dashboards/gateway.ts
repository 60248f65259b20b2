import { dashboard } from "./grafana.ts";

const here = 'namespace=~"$namespace"';
const asked = `${here}, route!~"/healthz|/readyz"`;
const unary = `${here}, route!~"/healthz|/readyz|.*:watch"`;
const rate = (metric: string, by: string, selector = here) =>
  `sum by (${by}) (rate(${metric}{${selector}}[$__rate_interval]))`;
const total = (metric: string, selector: string) => `sum(rate(${metric}{${selector}}[$__rate_interval]))`;
const slowest = (share: number, by = "") =>
  `histogram_quantile(${share}, sum by (le${by}) (rate(kontor_http_server_duration_seconds_bucket{${unary}}[$__rate_interval])))`;

export const gateway = dashboard({
  uid: "kontor-gateway",
  title: "Kontor / Gateway",
  description: "What comes in at the edge, how it is answered, and what the edge thinks of those behind it.",
  rows: [
    [
      "At a glance",
      ["stat", "Requests", "reqps", total("kontor_http_server_requests_total", asked)],
      [
        "stat",
        "Answered by 5xx",
        "percentunit",
        `(${total("kontor_http_server_requests_total", `${asked}, status=~"5.."`)} or vector(0)) / ${total("kontor_http_server_requests_total", asked)}`,
        0.001,
      ],
      ["stat", "Half within", "s", slowest(0.5)],
      ["stat", "99 % within", "s", slowest(0.99), 0.5],
      ["stat", "Open circuits", "short", `count(kontor_gateway_circuit_state{${here}} == 2) or vector(0)`, 1],
      ["stat", "Pods", "short", 'count(up{job="kontor", app="gateway", namespace=~"$namespace"} == 1)'],
    ],
    [
      "Requests",
      [
        "By route",
        "reqps",
        { "{{method}} {{route}}": rate("kontor_http_server_requests_total", "route, method", asked) },
      ],
      ["By status", "reqps", { "{{status}}": rate("kontor_http_server_requests_total", "status", asked) }],
      ["99 % within, by route", "s", { "{{method}} {{route}}": slowest(0.99, ", route, method") }],
    ],
    [
      "Behind the edge",
      [
        "Calls by endpoint",
        "reqps",
        { "{{endpoint}} {{outcome}}": rate("kontor_gateway_endpoint_calls_total", "endpoint, outcome") },
      ],
      [
        "Circuits: 1 half open, 2 open",
        "short",
        { "{{endpoint}}": `max by (endpoint) (kontor_gateway_circuit_state{${here}})` },
      ],
      [
        "Ejections, retries, fallbacks",
        "ops",
        {
          "ejected {{endpoint}}": rate("kontor_gateway_ejections_total", "endpoint"),
          "retry {{outcome}}": rate("kontor_gateway_retries_total", "outcome"),
          "fallback {{method}}": rate("kontor_gateway_fallbacks_total", "method"),
        },
      ],
    ],
    [
      "What the edge keeps",
      [
        "Rate limits",
        "reqps",
        { "{{class}} {{outcome}}": rate("kontor_gateway_rate_limit_decisions_total", "class, outcome") },
      ],
      ["Idempotency keys", "reqps", { "{{outcome}}": rate("kontor_gateway_idempotent_calls_total", "outcome") }],
      [
        "Cached reads",
        "reqps",
        {
          "{{outcome}}": rate("kontor_gateway_cache_reads_total", "outcome"),
          "not modified": total("kontor_gateway_not_modified_total", here),
          "dropped by {{event}}": rate("kontor_gateway_cache_invalidations_total", "event"),
        },
      ],
      ["Kept answers", "bytes", { "{{pod}}": `max by (pod) (kontor_gateway_cache_bytes{${here}})` }],
    ],
  ],
});
