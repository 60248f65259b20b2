import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "@kontor/contracts/grpc/health/v1/health";
import { createClient } from "@kontor/rpc";
import { InventoryService } from "@kontor/sample";
import { childEnvironment, startPostgres } from "@kontor/testing";
import { afterAll, afterEach, describe, expect, it } from "vitest";

type Line = Readonly<Record<string, unknown>>;

const postgres = await startPostgres();
afterAll(() => postgres.stop());

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});

async function environment() {
  const [inventory, orders] = await Promise.all(["stock", "orders"].map((name) => postgres.createDatabase(name)));
  return {
    INVENTORY__DATABASE_URL: inventory?.url ?? "",
    ORDERS__DATABASE_URL: orders?.url ?? "",
    NATS_URL: "nats://127.0.0.1:1",
    METRICS_PORT: "0",
    GRPC_PORT: "0",
    LOG_LEVEL: "info",
  };
}

function run(environment: Record<string, string>, ...more: string[]) {
  const child = spawn(process.execPath, [new URL("../test/group-main.ts", import.meta.url).pathname, ...more], {
    env: childEnvironment(environment),
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  const lines: Line[] = [];
  const events = Promise.withResolvers<void>();
  const waiting = new Map([["process ready", events]]);
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line: Line = JSON.parse(text);
    lines.push(line);
    waiting.get(String(line.msg))?.resolve();
  });
  const exited = once(child, "close").then(([code]) => {
    running.delete(child);
    events.reject(new Error(`It exited with ${code}: ${JSON.stringify(lines)}`));
    return code as number | null;
  });
  events.promise.catch(() => {});
  return { child, lines, ready: events.promise, exited };
}

describe("services of one process", () => {
  it("stop in stages: a step in flight still reaches its callee, and a second signal changes nothing", async () => {
    const { child, lines, ready, exited } = run(await environment());
    await ready;
    child.kill("SIGTERM");
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    const events = lines.map(({ service, msg }) => `${service}: ${msg}`);
    const order = ["edge: edge stopped", "orders: step finished", "both: process stopped"];
    expect(events.filter((event) => order.includes(event))).toEqual(order);
    expect(lines).toContainEqual(expect.objectContaining({ service: "orders", orderId: "1", msg: "step finished" }));
    expect(events.filter((event) => event === "both: process stopping")).toHaveLength(1);
  });

  it("share one port with one health service, one /metrics and one readiness", async () => {
    const grpcPort = 20_000 + (process.pid % 20_000);
    const metricsPort = grpcPort + 1;
    const ports = { GRPC_PORT: String(grpcPort), METRICS_PORT: String(metricsPort) };
    const { child, ready, exited } = run({ ...(await environment()), ...ports });
    await ready;
    const address = `127.0.0.1:${grpcPort}`;
    using health = createClient(Health, { address });
    for (const service of ["", "sample.v1.InventoryService", "sample.v1.OrdersService"])
      expect(await health.check({ service })).toMatchObject({ status: Serving.SERVING });
    using inventory = createClient(InventoryService, { address });
    expect((await inventory.getAvailability({ sku: "A" })).availability?.remaining).toBe(7);
    await expect(inventory.reserveStock({ orderId: "1", items: [{ sku: "A", quantity: 1 }] })).rejects.toMatchObject({
      reason: "CALLER_NOT_ALLOWED",
    });
    expect((await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    for (const service of ["inventory", "orders"])
      expect(metrics).toContain(`kontor_outbox_depth{service="${service}"} 0`);
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
  });

  it("report all that is wrong with their settings at once, each by the name that has to be set", async () => {
    const { lines, exited } = run({
      DATABASE_URL: "postgres://for-all@127.0.0.1:1/x",
      ORDERS__DATABASE_URI: "x",
      INVENTORY__DATABASE_CONNECTIONS: "many",
      METRICS_PORT: "0",
      GRPC_PORT: "0",
    });
    expect(await exited).toBe(1);
    const text = JSON.stringify(lines);
    expect(text).toContain("DATABASE_URL is set for 2 services, and each has its own");
    expect(text).toContain("Set INVENTORY__DATABASE_URL, ORDERS__DATABASE_URL instead");
    expect(text).toContain("ORDERS__DATABASE_URI is no setting of orders");
    expect(text).toContain("INVENTORY__DATABASE_CONNECTIONS is ");
  });

  it("migrate all schemas with the argument `migrate`", async () => {
    const { INVENTORY__DATABASE_URL = "", ORDERS__DATABASE_URL = "" } = await environment();
    const { lines, exited } = run({ INVENTORY__DATABASE_URL, ORDERS__DATABASE_URL }, "migrate");
    expect(await exited).toBe(0);
    const done = lines.filter(({ msg }) => msg === "schema up to date").map(({ service }) => service);
    expect(done).toEqual(["inventory", "orders"]);
  });
});
