import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { counter, gauge } from "./metrics.ts";

const START = Date.now() / 1_000 - process.uptime();

let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;

/** Adds CPU, memory, descriptors and event-loop lag of this process to the registry, under Prometheus' usual names. Repeating it is a no-op. */
export function collectProcessMetrics(): void {
  if (delay) return;
  const observed = monitorEventLoopDelay({ resolution: 20 });
  observed.enable();
  delay = observed;

  gauge("process_start_time_seconds", "Start of the process since the epoch.", [], (metric) => metric.set(START));
  counter("process_cpu_seconds_total", "User and system CPU time spent.", [], () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge("process_resident_memory_bytes", "Resident memory.", [], (metric) => metric.set(process.memoryUsage.rss()));
  gauge("process_open_fds", "Open file descriptors.", [], (metric) => metric.set(openDescriptors()));
  gauge("nodejs_heap_used_bytes", "Memory the heap uses.", [], (metric) => metric.set(process.memoryUsage().heapUsed));
  gauge("nodejs_eventloop_lag_seconds", "Event-loop lag since the last scrape.", ["quantile"], (metric) => {
    for (const quantile of [0.5, 0.99])
      metric.set({ quantile: String(quantile) }, observed.percentile(quantile * 100) / 1e9);
    metric.set({ quantile: "1" }, observed.count > 0 ? observed.max / 1e9 : 0);
    observed.reset();
  });
}

function openDescriptors(): number {
  // Only Linux shows them as files.
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}
