import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type KeyFolder, openKeyFolder, rotateKeys } from "@kontor/policy";
import { childEnvironment, eventually, freePort, startPostgres, type TestDatabase } from "@kontor/testing";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { callerIdentity, callerVerifier } from "./identity.ts";

const postgres = await startPostgres();
afterAll(() => postgres.stop());

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});

interface Line {
  readonly msg?: string;
  readonly kid?: string;
  readonly outcomes?: Readonly<Record<string, number>>;
}

/** Runs a separate process; resolves when it reports that it is ready. */
async function run(main: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [new URL(`../test/${main}`, import.meta.url).pathname], {
    env: childEnvironment(env),
    stdio: ["pipe", "pipe", "inherit"],
  });
  running.add(child);
  const lines: Line[] = [];
  const exited = once(child, "close").then(() => running.delete(child));
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line: Line = JSON.parse(text);
      lines.push(line);
      if (line.msg === "process ready") resolve();
    });
    void exited.then(() => reject(new Error(JSON.stringify(lines))));
  });
  await ready;
  return {
    lines,
    async stop() {
      child.stdin?.end();
      child.kill(main.startsWith("stock") ? "SIGTERM" : "SIGCONT"); // The caller ends with its input.
      await exited;
    },
  };
}

describe("processes whose credentials change under load", () => {
  let database: TestDatabase;
  let folder: string;
  let keys: KeyFolder;
  beforeEach(async () => {
    database = await postgres.createDatabase("identity", { owner: true });
    folder = mkdtempSync(join(tmpdir(), "kontor-rotation-"));
    keys = openKeyFolder(folder, ["orders", "inventory"]);
  });

  async function callee(env: Record<string, string>) {
    const [grpc, metrics] = [await freePort(), await freePort()];
    const started = () =>
      run("stock-main.ts", {
        ...{ GRPC_PORT: String(grpc), METRICS_PORT: String(metrics), DATABASE_URL: database.url },
        ...{ NATS_URL: "nats://127.0.0.1:1", ...env },
      });
    let process = await started();
    return {
      address: `127.0.0.1:${grpc}`,
      async restart() {
        await process.stop();
        process = await started();
      },
      async refused() {
        const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
        const counts = text.matchAll(/^kontor_rpc_server_callers_refused_total\{.*\} (\d+)$/gm);
        return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
      },
      async calls() {
        const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
        return Number(/requests_total\{[^}]*ReserveStock[^}]*code="OK"\} (\d+)/.exec(text)?.[1] ?? 0);
      },
      stop: () => process.stop(),
    };
  }

  it("refuse no call while keys are rotated three times", async () => {
    const both = await Promise.all([1, 2].map(() => callee({ SERVICE_KEYS: keys.keysFile })));
    const addresses = both.map(({ address }) => address).join();
    const caller = await run("caller-main.ts", { ADDRESSES: addresses, SERVICE_KEY_FILE: keys.keyFileOf("orders") });
    const published = () => JSON.parse(readFileSync(keys.keysFile, "utf8")).keys.length;
    for (let round = 1; round <= 3; round++) {
      await rotateKeys(folder, ["orders", "inventory"]);
      expect(published()).toBe(2 + 2 * round); // Old and new are valid side by side.
      const { kid } = JSON.parse(readFileSync(keys.keyFileOf("orders"), "utf8"));
      await eventually(async () => expect(caller.lines.map((line) => line.kid)).toContain(kid));
      const before = await Promise.all(both.map(({ calls }) => calls()));
      await eventually(async () => {
        for (const [index, each] of both.entries())
          expect(await each.calls()).toBeGreaterThan((before[index] ?? 0) + 50);
      });
    }
    const refused = await Promise.all(both.map((each) => each.refused()));
    await caller.stop();
    await Promise.all(both.map((each) => each.stop()));
    const outcomes = caller.lines.at(-1)?.outcomes ?? {};
    expect(Object.keys(outcomes)).toEqual(["OK"]);
    expect(outcomes.OK).toBeGreaterThan(200);
    expect(refused).toEqual([0, 0]);
  }, 120_000);

  it("refuse a caller whose key was withdrawn, within seconds", async () => {
    const inventory = await callee({ SERVICE_KEYS: keys.keysFile });
    const caller = await run("caller-main.ts", {
      ADDRESSES: inventory.address,
      SERVICE_KEY_FILE: keys.keyFileOf("orders"),
    });
    const { issuer, keys: all } = JSON.parse(readFileSync(keys.keysFile, "utf8"));
    const rest = all.filter(({ service }: { service: string }) => service !== "orders");
    writeFileSync(keys.keysFile, JSON.stringify({ issuer, keys: rest }));
    await eventually(async () => expect(await inventory.refused()).toBeGreaterThan(10));
    await caller.stop();
    await inventory.stop();
    expect(caller.lines.at(-1)?.outcomes).toHaveProperty("CREDENTIAL_REFUSED");
  }, 60_000);
});

describe("settings of a service's identity", () => {
  const folder = mkdtempSync(join(tmpdir(), "kontor-settings-"));
  const keys = openKeyFolder(folder, ["orders"]);
  const none = {
    ...{
      serviceKeyFile: undefined,
      serviceTokenFolder: undefined,
      serviceKeys: undefined,
      serviceKeysAccess: undefined,
    },
    ...{ serviceSubjectPrefix: undefined, serviceIssuers: [], internalToken: undefined },
  };
  const identity = (config: object) => callerIdentity("orders", { ...none, ...config } as never, Date.now);
  const verifier = (config: object) => () =>
    callerVerifier({ ...none, ...config } as never, { warn: () => {} }, Date.now);

  it("may be absent: then the service proves no name", () => expect(identity({})).toBeUndefined());
  it("name one way to prove a name", () => {
    expect(identity({ serviceKeyFile: keys.keyFileOf("orders") })?.tokenFor("x.v1.X")).toMatch(/^ey/);
    expect(() => identity({ serviceKeyFile: "a", serviceTokenFolder: "b" })).toThrow("exclude each other");
  });
  it("name the one that cannot be used", () =>
    expect(() => identity({ serviceKeyFile: "/nowhere/key.json" })).toThrow("SERVICE_KEY_FILE cannot be used"));
  it("with the shared token alone are those of the version before", () =>
    expect(identity({ internalToken: "shared" })).toMatchObject({ service: "orders", sharedToken: "shared" }));
  it.each([
    [{ serviceKeys: "http://kubernetes.default.svc/openid/v1/jwks" }, "neither a path nor an https URL"],
    [{ serviceKeys: "https://kubernetes.default.svc/openid/v1/jwks" }, "SERVICE_KEYS_ACCESS"],
  ])("refuse %o", (config, why) => expect(verifier(config)).toThrow(why));
});
