import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { topology } from "@kontor/shop";
import { startNats, startPostgres } from "@kontor/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { checkEvents } from "../src/doctor/checks/events.ts";
import { checkSchema } from "../src/doctor/checks/migrations.ts";
import { clusterChecks } from "../src/doctor/cluster-checks.ts";
import { kubectl } from "../src/doctor/kubectl.ts";
import type { Workload } from "../src/doctor/objects.ts";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");
const remedies = {
  restart: (service: string) => `restart ${service}`,
  logs: (service: string) => `logs of ${service}`,
};

async function kontor(...args: string[]) {
  const env = { ...process.env, KUBECONFIG: "/nowhere/config" };
  const run = promisify(execFile)(process.execPath, ["apps/cli/src/kontor.ts", ...args], { cwd: root, env });
  return run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}

describe("npm run kontor", () => {
  it("shows the commands, and the options of doctor", async () => {
    expect((await kontor()).said).toContain("doctor");
    expect((await kontor("doctor", "--help")).said).toContain("--no-order");
  });

  it("ends with 2 when there is nothing to check, with a remedy", async () => {
    const { code, said } = await kontor("doctor", "--local", "--data", "/nowhere");
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining("npm start") });
    expect((await kontor("doctor", "--nowhere")).code).toBe(2);
    expect((await kontor("nurse")).said).toContain('no command "nurse"');
  });
});

describe("the doctor's look at events", () => {
  it("misses every stream and consumer of the topology on an empty server, and names their service", async () => {
    const nats = await startNats();
    const { findings } = await checkEvents(nats.url, remedies);
    const names = [
      ...topology.streams.map(({ name }) => `stream ${name}`),
      ...topology.consumers.map((one) => `consumer ${one.durable}`),
    ];
    expect(findings.map(({ subject }) => subject)).toEqual(names);
    expect(findings[0]?.remedy).toContain("restart users");
    await nats.stop();
  });

  it("finds a durable without an active consumer and one with too few subjects, in the order of the services", async () => {
    const nats = await startNats();
    const connection = await connect({ servers: nats.url });
    const jsm = await jetstreamManager(connection);
    for (const { name, package: contract } of topology.streams)
      await jsm.streams.add({ name, subjects: [`${contract}.>`] });
    for (const { durable, stream, events } of topology.consumers) {
      const filter_subjects = durable === "orders-shipping" ? events.slice(0, 1) : [...events];
      await jsm.consumers.add(stream, { durable_name: durable, ack_policy: "explicit", filter_subjects });
    }
    await connection.request("shop.users.v1.UserUpdated", "x");
    const { findings } = await checkEvents(nats.url, remedies);
    expect(findings.map(({ subject, problem }) => `${subject}: ${problem}`)).toEqual([
      "consumer notifications-users: No consumer is active; 1 events wait.",
      "consumer orders-shipping: It does not receive shop.shipping.v1.ShipmentDelivered.",
    ]);
    await connection.close();
    await nats.stop();
  });
});

describe("the doctor's look at the events of a cluster", () => {
  it("misses copies that a stream should have by the settings of the pods that own it", async () => {
    const nats = await startNats();
    const connection = await connect({ servers: nats.url });
    const jsm = await jetstreamManager(connection);
    for (const { name, package: contract } of topology.streams)
      await jsm.streams.add({ name, subjects: [`${contract}.>`] });
    const env = Object.entries({ NATS_URL: nats.url, NATS_REPLICAS: "3" }).map(([name, value]) => ({ name, value }));
    const orders: Workload = {
      kind: "Deployment",
      metadata: { name: "kontor-orders", namespace: "shop", labels: { "app.kubernetes.io/name": "orders" } },
      spec: { replicas: 1, template: { spec: { containers: [{ name: "orders", image: "orders", env }] } } },
      status: {},
    };
    const none = { pods: [], services: [], volumes: [], policies: [], autoscalers: [] };
    const kube = kubectl({ namespace: "shop" });
    const checks = clusterChecks(
      { kube, namespace: "shop", release: "kontor", workloads: [orders], ...none },
      { order: false },
    );
    const { findings = [] } = (await checks.find(({ name }) => name === "events")?.run()) ?? {};
    expect(findings.filter(({ subject }) => subject.startsWith("stream"))).toEqual([
      {
        severity: "error",
        subject: "stream orders",
        problem: "It has 1 of the 3 copies that NATS_REPLICAS of orders requires.",
        remedy: expect.stringContaining("kubectl --namespace shop logs deployment/kontor-orders"),
      },
    ]);
    await connection.close();
    await nats.stop();
  });
});

describe("the doctor's look at a database", () => {
  const brings = [{ name: "1_init", checksum: "a" }];

  it("misses all migrations in an empty one", async () => {
    const postgres = await startPostgres();
    const { url, drop } = await postgres.createDatabase();
    const findings = await checkSchema({ service: "orders", brings, databaseUrl: url, remedy: "migrate" });
    expect(findings.map(({ problem }) => problem)).toEqual(["Migration 1_init is not applied."]);
    await drop();
  });

  it("reports that a missing one cannot be queried", async () => {
    const [finding] = await checkSchema({
      service: "orders",
      brings,
      databaseUrl: "postgres://a:b@127.0.0.1:1/c",
      remedy: "",
    });
    expect(finding?.problem).toMatch(/^It cannot be queried/);
  });
});
