import { counter } from "./metrics.ts";
import { withSpan } from "./span.ts";
import { injectTrace } from "./trace-context.ts";

/** An HTTP request to an external system. */
export interface ExternalRequest {
  readonly method: string;
  readonly path: string;
  /** Receives `traceparent`. */
  readonly headers: Record<string, string>;
}

/** Sends a request within a span, and counts it by the status of its response, or by 0 if there was none. */
export type RequestObserver = <R extends { readonly status: number }>(
  request: ExternalRequest,
  send: () => Promise<R>,
) => Promise<R>;

/**
 * Returns the observer of requests to an external system. The name of the metric is a contract with dashboards and alerts.
 *
 * ```ts
 * const observe = requestsTo("card-provider");
 * const headers = { accept: "application/json" };
 * await observe({ method: "GET", path: "/v1/payments", headers }, () => fetch("http://localhost:1/v1/payments", { headers }));
 * ```
 */
export function requestsTo(system: string): RequestObserver {
  const requests = counter("kontor_http_client_requests_total", "HTTP requests to external systems that ended.", [
    "system",
    "method",
    "status",
  ]);
  return ({ method, path, headers }, send) =>
    withSpan(`${system} ${method}`, { kind: "client", attributes: { "url.path": path } }, async () => {
      injectTrace(headers);
      let status = 0;
      try {
        const response = await send();
        status = response.status;
        return response;
      } finally {
        requests.inc({ system, method, status: String(status) });
      }
    });
}
