import { describe, expect, it } from "vitest";
import { callerVerifiers, edges, portsOf } from "./call-graph.ts";

const named = edges().map(({ from, to, port }) => `${from} > ${to}:${port}`);

describe("the edges of the generated call graph", () => {
  it("are calls, databases, NATS, external systems and the ingress", () => {
    expect(named).toEqual(expect.arrayContaining(["gateway > orders:50051", "orders > payments:50051"]));
    expect(named).toEqual(expect.arrayContaining(["orders > postgres:5432", "gateway > nats:4222"]));
    expect(named).toEqual(expect.arrayContaining(["notifications > mail-sink:2525", "stranger > gateway:8080"]));
    expect(new Set(named).size).toBe(named.length);
  });

  it("do not let a service call back, nor the gateway near a database", () => {
    expect(named).not.toContain("payments > orders:50051");
    expect(named).not.toContain("gateway > postgres:5432");
  });

  it("lead services with internal RPCs, and no others, to the keys of the API server", () => {
    expect(callerVerifiers()).toEqual([
      ...["catalog", "inventory", "orders", "payments", "pricing", "shipping", "users"],
    ]);
  });

  it("lead to ports with a listener", () => {
    for (const { to, port } of edges()) expect(portsOf(to)).toContain(port);
  });
});
