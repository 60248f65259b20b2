import { noCallers } from "@kontor/policy";
import { postgresErrors } from "@kontor/postgres";
import { createClient, createServer, formerMethod, implement } from "@kontor/rpc";
import { InventoryService, UsersService } from "@kontor/sample";
import { createLogger } from "@kontor/telemetry";
import { startPostgres } from "@kontor/testing";
import { afterAll, describe, expect, it } from "vitest";
import { diary, stockService } from "../test/stock-service.ts";
import { startService } from "./start-service.ts";

const postgres = await startPostgres();
afterAll(() => postgres.stop());

const start = async (config: Parameters<typeof startService>[1] = {}) => {
  const { url } = await postgres.createDatabase("service");
  const shared = { databaseUrl: url, natsUrl: ["nats://127.0.0.1:1"] };
  return startService(stockService, { ...shared, ...config });
};

describe("a service", () => {
  it("migrates, builds, works and serves, also while NATS is unreachable, and stops in reverse", async () => {
    diary.length = 0;
    const service = await start();
    const address = `127.0.0.1:${service.grpcPort}`;
    const probe = (path: string) => fetch(`http://127.0.0.1:${service.metricsPort}${path}`);
    using inventory = createClient(InventoryService, { address });

    expect((await probe("/livez")).status).toBe(200);
    expect((await probe("/readyz")).status).toBe(200);
    expect((await inventory.getAvailability({ sku: "A" })).availability?.remaining).toBe(7);
    expect(await (await probe("/metrics")).text()).toMatch(/kontor_rpc_server_requests_total.*GetAvailability/);
    expect((await probe("/else")).status).toBe(404);

    const slow = inventory.getAvailability({ sku: "slow" });
    await inventory.getAvailability({ sku: "B" });
    await service.stop();
    expect((await slow).availability?.sku).toBe("slow");
    expect(diary).toEqual([
      "ready to serve",
      "background started",
      "answered A",
      "answered B",
      "answered slow",
      "background stopped",
    ]);
    await expect(probe("/livez")).rejects.toThrow();
  });

  it("is called by the name that it had before its package was renamed, too", async () => {
    const service = await start();
    const former = formerMethod(InventoryService.method.getAvailability, (name) => name.replace("sample.", "before."));
    using inventory = createClient((former?.parent ?? InventoryService) as typeof InventoryService, {
      address: `127.0.0.1:${service.grpcPort}`,
    });
    expect(former?.parent.typeName).toBe("before.v1.InventoryService");
    expect((await inventory.getAvailability({ sku: "A" })).availability?.remaining).toBe(7);
    await service.stop();
  });

  it("requests keys only from a reached issuer: failures would open the circuit before the first call", async () => {
    const service = await start({ issuerAddress: "127.0.0.1:1", warmUpMs: 1_000 });
    const metrics = await (await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`)).text();
    await service.stop();
    expect(metrics).toContain("kontor_rpc_client_circuit_state");
    expect(metrics).not.toMatch(/kontor_rpc_client_requests_total.*GetJwks/);
  });

  it("requests keys also when another callee is down", async () => {
    let asked = 0;
    const getJwks = async () => {
      asked++;
      return { keys: [] };
    };
    const missing = () => Promise.reject(new Error("No test calls this."));
    const others = Object.fromEntries(UsersService.methods.map(({ localName }) => [localName, missing]));
    const users = createServer({
      services: [implement(UsersService, { ...others, getJwks } as never)],
      policy: { verifyToken: missing, verifyCaller: noCallers },
      log: createLogger({ service: "users", level: "silent" }),
    });
    const port = await users.listen("127.0.0.1", 0);
    using _dead = createClient(InventoryService, { address: "127.0.0.1:1" });
    const service = await start({ issuerAddress: `127.0.0.1:${port}`, warmUpMs: 1_000 });
    await service.stop();
    await users.drain(0);
    expect(asked).toBe(1);
  });

  it("fails to start when its database remains unreachable for the whole start-up time, and names the cause", async () => {
    const started = startService(stockService, { databaseUrl: "postgres://nobody@127.0.0.1:1/x", startWithinMs: 0 });
    await expect(started).rejects.toThrow("ECONNREFUSED");
  });

  it("does not wait for a database that refuses its password or does not exist", async () => {
    const { url } = await postgres.createDatabase("elsewhere");
    const elsewhere = Object.assign(new URL(url), { pathname: "/there_is_none" });
    await expect(startService(stockService, { databaseUrl: elsewhere.href })).rejects.toThrow("there_is_none");
  });

  it("waits for a database that times out or is away at any stage of the start, and reports that", async () => {
    const { url } = await postgres.createDatabase("late");
    const events: string[] = [];
    const log = createLogger({ service: "stock", level: "warn" }, { write: (line) => void events.push(line) });
    const timeOut = postgresErrors.STATEMENT_TIMEOUT();
    let built = 0;
    const late = {
      ...stockService,
      async build(context: Parameters<typeof stockService.build>[0]) {
        built += 1;
        if (built === 1) throw timeOut;
        const parts = await stockService.build(context);
        if (built > 2) return parts;
        const start = () => Promise.reject(new Error("not loaded", { cause: postgresErrors.DATABASE_UNAVAILABLE() }));
        return { ...parts, background: [{ start, stop: () => undefined }] };
      },
    };
    const service = await startService(late, { databaseUrl: url, natsUrl: ["nats://127.0.0.1:1"] }, log);
    await service.stop();
    expect(built).toBe(3);
    expect(events.filter((line) => line.includes("process start failed; retrying"))).toHaveLength(2);
  });

  it("requires settings without a default", async () => {
    await expect(startService(stockService, {})).rejects.toThrow("databaseUrl is needed");
  });
});
