import type { DescMethod } from "@bufbuild/protobuf";
import type { Code } from "@kontor/errors";
import { counter, histogram } from "@kontor/telemetry";

/** Records the outcome of one call that began at `startedAt` (`performance.now()`). */
export type CallObserver = (code: Code | "OK", startedAt: number) => void;

/** Rate, errors and duration of the calls of one method. Metric names are public: dashboards and alerts use them. */
export function callMetrics(side: "server" | "client", method: DescMethod): CallObserver {
  const labels = { service: method.parent.typeName, method: method.name };
  const requests = counter(`kontor_rpc_${side}_requests_total`, `Calls that ended, seen by the ${side}.`, [
    "service",
    "method",
    "code",
  ]);
  const duration = histogram(
    `kontor_rpc_${side}_duration_seconds`,
    `Time from first to last byte, seen by the ${side}.`,
    ["service", "method"],
  ).labels(labels);
  const byCode: Partial<Record<Code | "OK", { inc(): void }>> = {};
  return (code, startedAt) => {
    byCode[code] ??= requests.labels({ ...labels, code });
    byCode[code].inc();
    duration.observe((performance.now() - startedAt) / 1000);
  };
}
