import { counter } from "./metrics.ts";

/** Counts a request that ended. `status` is 0 if there was no response. */
export type RequestObserver = (method: string, status: number) => void;

/**
 * Returns what counts requests to an external system. The name of the metric is a contract with dashboards and alerts.
 *
 * ```ts
 * const count = requestsTo("card-provider");
 * count("POST", 201);
 * ```
 */
export function requestsTo(system: string): RequestObserver {
  const requests = counter("kontor_http_client_requests_total", "HTTP requests to external systems that ended.", [
    "system",
    "method",
    "status",
  ]);
  return (method, status) => requests.inc({ system, method, status: String(status) });
}
