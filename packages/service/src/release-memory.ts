const EVERY_MS = 5_000;
const IDLE = 0.1;
const SLACK_BYTES = 4 * 1024 * 1024;

/**
 * Returns unused heap to the system while the process is idle, such as after its start or a burst of work. V8 would do so at further
 * allocations, which an idle process does not make. Without `--expose-gc` it does nothing.
 */
export function releaseMemoryWhenIdle(): void {
  const collect = globalThis.gc;
  if (!collect) return;
  let kept = 0;
  let before = performance.eventLoopUtilization();
  const look = async () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > IDLE || process.memoryUsage().heapTotal < kept + SLACK_BYTES) return;
    await collect({ type: "major", execution: "async", flavor: "last-resort" });
    kept = process.memoryUsage().heapTotal;
  };
  setInterval(look, EVERY_MS).unref();
}
