import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleApp } from "./bundle-app.ts";

const postgres = await startPostgres();
const folder = await mkdtemp(join(tmpdir(), "kontor-bundle-"));
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

function start(app: string, args: readonly string[], environment: Record<string, string>) {
  const child = spawn(process.execPath, ["dist/main.js", ...args], {
    cwd: join(folder, app),
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { child, code: new Promise((resolve) => child.once("close", resolve)) };
}

async function run(app: string, args: readonly string[], environment: Record<string, string>) {
  const { child, code } = start(app, args, environment);
  return { output: await text(child.stdout), code: await code };
}

describe("a bundled app", () => {
  beforeAll(async () => {
    for (const app of ["users", "gateway"]) await bundleApp({ app, folder: join(folder, app) });
  });

  it("is few files", async () => {
    const files = await readdir(join(folder, "gateway", "dist"));
    expect(files.length).toBeLessThan(30);
  });

  it.each([
    ["users", "DATABASE_URL"],
    ["gateway", "GATEWAY_UPSTREAMS"],
  ])("%s starts from any folder, and names its missing settings", async (app, setting) => {
    const { output, code } = await run(app, [], {});
    expect({ output, code }).toEqual({ output: expect.stringContaining(`${setting} is not set`), code: 1 });
  });

  it("brings the files of the page at /docs, where it serves one", async () => {
    const brought = (app: string) => readdir(join(folder, app, "node_modules", "swagger-ui-dist"));
    expect(await brought("gateway")).toContain("swagger-ui-bundle.js");
    await expect(brought("users")).rejects.toThrow("ENOENT");
  });

  it("brings the migrations of the packages whose tables it has, and no others", async () => {
    await bundleApp({ app: "orders", folder: join(folder, "orders") });
    const brought = (app: string) => readdir(join(folder, app, "prisma"));
    expect(await brought("users")).toEqual(["messaging", "migrations"]);
    expect(await brought("orders")).toEqual(["event-store", "idempotency", "messaging", "migrations", "saga"]);
    await expect(brought("gateway")).rejects.toThrow("ENOENT");
  });

  it("that runs others brings the migrations and the native addons of each", async () => {
    await bundleApp({ app: "host", folder: join(folder, "host") });
    const brought = await readdir(join(folder, "host", "prisma"));
    expect(brought).toEqual(expect.arrayContaining(["messaging", "orders-migrations", "saga", "users-migrations"]));
    const [users, orders] = [await postgres.createDatabase("users"), await postgres.createDatabase("orders")];
    const databases = { USERS__DATABASE_URL: users.url, ORDERS__DATABASE_URL: orders.url };
    const { output, code } = await run("host", ["migrate"], { KONTOR_APPS: "users,orders", ...databases });
    expect({ output, code }).toMatchObject({
      code: 0,
      output: expect.stringMatching(/"users".*schema up to date[\s\S]*"orders".*schema up to date/),
    });
    expect(await readdir(join(folder, "host", "node_modules", "@node-rs"))).toContain("argon2");
  });

  it("finds its migrations and its native addon, and gets ready", async () => {
    const { url } = await postgres.createDatabase("bundle");
    expect(await run("users", ["migrate"], { DATABASE_URL: url })).toMatchObject({ code: 0 });
    const { child, code } = start("users", [], {
      DATABASE_URL: url,
      NATS_URL: "nats://127.0.0.1:1",
      GRPC_PORT: "0",
      METRICS_PORT: "0",
      STAFF_EMAIL: "staff@example.com",
      STAFF_PASSWORD: "a password to be hashed",
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line.includes('"process ready"')) child.kill("SIGTERM");
    }
    expect({ lines, code: await code }).toMatchObject({ code: 0 });
  });
});
