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

  it("count the same by labels given once as by labels given each time", async () => {
    const values = [0, 0.0005, 0.02, 0.02, 3, 11, 1e-9];
    const seconds = (name: string) => histogram(name, "How long.", ["rpc", "code"]);
    const calls = (name: string) => counter(name, "Calls.", ["rpc", "code"]);
    const series = [
      { rpc: "place", code: "OK" },
      { rpc: "cancel", code: "OK" },
    ];
    for (const labels of series) {
      const child = seconds("test_once_seconds").labels(labels);
      const counted = calls("test_once_total").labels(labels);
      for (const value of values) {
        child.observe(value);
        counted.inc();
        counted.inc(value);
        seconds("test_each_seconds").observe(labels, value);
        calls("test_each_total").inc(labels);
        calls("test_each_total").inc(labels, value);
      }
    }
    seconds("test_once_seconds").labels("place", "OK").observe(1);
    seconds("test_each_seconds").observe(series[0] ?? {}, 1);
    const text = await registry.metrics();
    const of = (name: string) => text.split("\n").filter((line) => line.startsWith(name));
    expect(of("test_once_seconds")).toHaveLength(34);
    expect(of("test_once").map((line) => line.replace("once", "each"))).toEqual(of("test_each"));
  });

  it("count from 0 after a reset or removal, and refuse values that are no numbers", async () => {
    const orders = counter("test_reset_total", "Orders.", ["outcome"]);
    const placed = orders.labels({ outcome: "placed" });
    placed.inc(3);
    placed.inc(2);
    orders.reset();
    placed.inc();
    expect((await orders.get()).values).toEqual([{ labels: { outcome: "placed" }, value: 1 }]);
    orders.remove({ outcome: "placed" });
    placed.inc(2);
    expect((await orders.get()).values).toEqual([{ labels: { outcome: "placed" }, value: 2 }]);
    expect(() => placed.inc(Number.POSITIVE_INFINITY)).toThrow();
    expect(() => placed.inc(-1)).toThrow();
    const seconds = histogram("test_refusing_seconds", "How long.", ["rpc"]).labels("place");
    seconds.observe(1);
    expect(() => seconds.observe(Number.POSITIVE_INFINITY)).toThrow();
  });

  it("of the process are few and may be registered twice", async () => {
    collectProcessMetrics();
    collectProcessMetrics();
    const text = await registry.metrics();
    expect(text).toMatch(/process_resident_memory_bytes \d{7,}/);
    expect(text).toMatch(/nodejs_eventloop_lag_seconds\{quantile="0.99"\} \d/);
  });
});
