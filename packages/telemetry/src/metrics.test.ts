import { describe, expect, it } from "vitest";
import { collectProcessMetrics, counter, gauge, histogram, registry } from "./index.ts";

describe("metrics", () => {
  it("are made once and found again by name", () => {
    const orders = counter("test_orders_total", "Orders.", ["outcome"]);
    orders.inc({ outcome: "placed" });
    expect(counter("test_orders_total", "Orders.", ["outcome"])).toBe(orders);
    // @ts-expect-error a label the counter does not have
    expect(() => orders.inc({ colour: "red" })).toThrow();
  });

  it("are exposed as text, with gauges collected at the scrape", async () => {
    counter("test_plain_total", "Without labels.").inc(2);
    histogram("test_seconds", "How long.", ["rpc"]).observe({ rpc: "place" }, 0.02);
    let depth = 0;
    gauge("test_depth", "How deep.", ["queue"], (metric) => metric.set({ queue: "outbox" }, depth));
    depth = 7;
    const text = await registry.metrics();
    expect(text).toContain("test_plain_total 2");
    expect(text).toContain('test_seconds_bucket{le="0.025",rpc="place"} 1');
    expect(text).toContain('test_depth{queue="outbox"} 7');
  });

  it("of the process are few and may be asked for twice", async () => {
    collectProcessMetrics();
    collectProcessMetrics();
    const text = await registry.metrics();
    expect(text).toMatch(/process_resident_memory_bytes \d{7,}/);
    expect(text).toMatch(/nodejs_eventloop_lag_seconds\{quantile="0.99"\} \d/);
  });
});
