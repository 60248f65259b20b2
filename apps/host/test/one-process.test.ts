import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openDatabase } from "@kontor/postgres";
import { freePort } from "@kontor/servers";
import { addressWithin, connectionSettings, groupsOf, serviceNames, services } from "@kontor/shop";
import { rowsOf, startNats, startPostgres } from "@kontor/testing";
import { afterAll, expect, it } from "vitest";

const [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
const children = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await Promise.all([postgres.stop(), nats.stop()]);
});

const databases: string[] = [];
const [group] = groupsOf("one");
const external = {
  PAYMENTS__PSP_URL: "http://127.0.0.1:9",
  PAYMENTS__PSP_API_KEY: "none",
  PAYMENTS__PSP_WEBHOOK_SECRET: "whsec_bm9uZQ==",
  SHIPPING__CARRIER_URL: "http://127.0.0.1:9",
  SHIPPING__CARRIER_API_KEY: "none",
  SHIPPING__CARRIER_WEBHOOK_SECRET: "whsec_bm9uZQ==",
  NOTIFICATIONS__SMTP_URL: "smtp://127.0.0.1:9",
  NOTIFICATIONS__MAIL_FROM: "Kontor <shop@kontor.example>",
};

async function environmentOfOne(gatewayPort: number): Promise<Record<string, string>> {
  if (!group) throw new Error("The topology has no group.");
  const prefixed = await Promise.all(
    serviceNames.map(async (name) => {
      const { url, runUrl, name: database } = await postgres.createDatabase(name, { owner: true });
      databases.push(database);
      const own = { DATABASE_URL: runUrl, DATABASE_OWNER_URL: url, ...connectionSettings(group, name) };
      return Object.entries(own).map(([variable, value]) => [`${name.toUpperCase()}__${variable}`, value]);
    }),
  );
  const address = (name: (typeof serviceNames)[number]) => addressWithin(group, name, "127.0.0.1:1");
  const upstreams = Object.fromEntries(serviceNames.map((name) => [services[name].contract, address(name)]));
  return {
    PATH: process.env.PATH ?? "",
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(mkdtempSync(join(tmpdir(), "kontor-compiled-"))),
    KONTOR_APPS: group.apps.join(","),
    ...Object.fromEntries(prefixed.flat()),
    ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_ADDRESS`, address(name)])),
    ...external,
    GATEWAY_UPSTREAMS: JSON.stringify(upstreams),
    GATEWAY_PORT: String(gatewayPort),
    GRPC_PORT: "0",
    METRICS_PORT: "0",
    NATS_URL: nats.url,
  };
}

it("runs the whole shop in one process: it serves, has 32 connections at most, and stops in order", async () => {
  const port = await freePort();
  const child = spawn(process.execPath, [new URL("../src/main.ts", import.meta.url).pathname], {
    env: await environmentOfOne(port),
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  const lines: Record<string, unknown>[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line: Record<string, unknown> = JSON.parse(text);
    lines.push(line);
    if (line.msg === "process ready") ready.resolve();
  });
  const exited = once(child, "close").then(([code]) => {
    children.delete(child);
    ready.reject(new Error(`It exited with ${code}: ${JSON.stringify(lines.slice(-3))}`));
    return code;
  });
  await ready.promise;

  const at = `http://127.0.0.1:${port}/api/v1`;
  const post = async (path: string, body: object) =>
    fetch(at + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const account = { email: "ada@kontor.example", password: "correct-horse-battery" };
  expect((await post("/users", { ...account, displayName: "Ada" })).status).toBe(201);
  const session = await post("/sessions", account);
  expect(session.status).toBe(201);
  const { accessToken, userId } = (await session.json()) as { accessToken: string; userId: string };
  const authorization = `Bearer ${accessToken}`;
  expect((await fetch(`${at}/users/${userId}`, { headers: { authorization } })).status).toBe(200);
  expect((await fetch(`${at}/products`)).status).toBe(200);

  const db = openDatabase({ url: (await postgres.createDatabase("observer")).url, service: "test", max: 1 });
  const burst = Array.from({ length: 40 }, (_, n) => fetch(`${at}/products?pageSize=${(n % 50) + 1}`));
  await Promise.all(burst);
  const sessions = await rowsOf<{ name: string }>(
    db,
    "SELECT datname AS name FROM pg_stat_activity WHERE datname = ANY ($1) AND backend_type = 'client backend'",
    [databases],
  );
  await db.close();
  expect(new Set(sessions.map(({ name }) => name)).size).toBe(serviceNames.length);
  expect(sessions.length).toBeLessThanOrEqual(32);

  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(lines.filter(({ level }) => level === "error" || level === "fatal")).toEqual([]);
  for (const service of serviceNames) expect(lines.some((line) => line.service === service)).toBe(true);
});
