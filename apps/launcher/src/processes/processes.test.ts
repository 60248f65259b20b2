import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serviceNames, services, type TopologyName } from "@kontor/shop/processes";
import { describe, expect, it } from "vitest";
import { secrets as storedSecrets } from "../data/secrets.ts";
import { defaultPorts } from "./ports.ts";
import { importProcess, portsIn, processes, type ShopOptions } from "./processes.ts";

const dataDir = mkdtempSync(join(tmpdir(), "kontor-processes-"));
const secrets = storedSecrets(dataDir);
const simulators = ["psp-simulator", "carrier-simulator", "mail-sink", "simulators"];

function specsOf(topology: TopologyName, more: Partial<ShopOptions> = {}) {
  const all = processes(defaultPorts, secrets, dataDir, { corsOrigins: [], rateLimits: true, topology, ...more });
  return Object.fromEntries(all.filter(({ name }) => !simulators.includes(name)).map((spec) => [spec.name, spec]));
}

describe("the processes of the shop", () => {
  it("are one for each service by default, and the gateway is the last", () => {
    const names = Object.keys(specsOf("many"));
    expect(names).toEqual([...serviceNames, "gateway"]);
    expect(specsOf("many").orders?.env).toMatchObject({ INVENTORY_ADDRESS: "127.0.0.1:5053", GRPC_PORT: "5054" });
  });

  it("are three in groups: services of a group call each other within it, others over the network", () => {
    const { storefront, fulfilment, edge, gateway, ...others } = specsOf("grouped");
    expect(others).toEqual({});
    expect(storefront).toMatchObject({ app: "host", apps: ["users", "catalog"] });
    expect(fulfilment?.env).toMatchObject({
      GRPC_PORT: "5053",
      INVENTORY_ADDRESS: "in-process:///inventory",
      USERS_ADDRESS: "127.0.0.1:5051",
      CATALOG_ADDRESS: "127.0.0.1:5051",
      ORDERS__SAGA_CONNECTIONS: "3",
    });
    expect(edge).toBeUndefined();
    expect(JSON.parse(gateway?.env.GATEWAY_UPSTREAMS ?? "")).toMatchObject({
      [services.orders.contract]: "127.0.0.1:5053",
    });
  });

  it("are one with the gateway, and each service has its own database, user of NATS and key", () => {
    const { shop, ...others } = specsOf("one");
    expect(others).toEqual({});
    expect(shop?.env).toMatchObject({ KONTOR_APPS: [...serviceNames, "gateway"].join(), METRICS_PORT: "9050" });
    for (const variable of ["DATABASE_URL", "NATS_URL", "SERVICE_KEY_FILE"]) {
      const values = serviceNames.map((name) => shop?.env[`${name.toUpperCase()}__${variable}`]);
      expect(new Set(values).size).toBe(serviceNames.length);
    }
    expect(shop?.env.GATEWAY__GATEWAY_PORT).toBe("8080");
  });

  it("divide 32 connections to PostgreSQL, those of locks included, where services share a process", () => {
    const env = specsOf("one").shop?.env ?? {};
    const numbers = Object.entries(env).filter(([variable]) => variable.endsWith("_CONNECTIONS"));
    const locks = serviceNames.length;
    const admission = 1;
    const sum = numbers.reduce((total, [, value]) => total + Number(value), locks + admission);
    expect(sum).toBeLessThanOrEqual(32);
  });

  it("separate an app of --apart: it and the others call each other over the network", () => {
    const { shop, orders } = specsOf("one", { apart: ["orders"] });
    expect(orders?.env).toMatchObject({ INVENTORY_ADDRESS: "127.0.0.1:5051", GRPC_PORT: "5054" });
    expect(shop?.env.ORDERS_ADDRESS).toBe("127.0.0.1:5054");
    expect(portsIn(defaultPorts, { topology: "one", apart: ["orders"] })).toMatchObject({
      orders: 5054,
      shipping: 5051,
      shippingMetrics: 9050,
    });
  });

  it.each(["one", "grouped", "many"] as const)("import through a gateway without limits and NATS in %s", (topology) => {
    const options = { corsOrigins: [], rateLimits: true, topology };
    const { env } = importProcess(defaultPorts, secrets, dataDir, options);
    const prefix = topology === "one" ? "GATEWAY__" : "";
    expect(env[`${prefix}GATEWAY_RATE_LIMITS`]).toContain("10000000");
    expect(env[`${prefix}NATS_URL`]).toBeUndefined();
  });
});
