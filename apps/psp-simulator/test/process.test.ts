import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, testApiKey } from "@kontor/simulator/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "process-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

async function run(env: Record<string, string> = {}) {
  const variables = { PATH: process.env.PATH ?? "", API_KEY: testApiKey, DATA_DIR: dataDir, ...env };
  const child = spawn(process.execPath, [main], { env: variables, stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(child.stdout.setEncoding("utf8"), "data");
  return { child, client: createClient(JSON.parse(line).port) };
}

describe("the process", () => {
  it("exits with 0 on SIGTERM", async () => {
    const { child } = await run();
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("exits when its stdin closes, if so configured", async () => {
    const { child } = await run({ KONTOR_EXIT_WITH_PARENT: "1" });
    child.stdin.end();
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("refuses to start on a file that another process uses, and starts once that one was killed", async () => {
    const { child } = await run();
    const second = spawn(process.execPath, [main], {
      env: { PATH: process.env.PATH ?? "", API_KEY: testApiKey, DATA_DIR: dataDir, PORT: "0" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [said] = await once(second.stderr.setEncoding("utf8"), "data");
    expect(said).toContain(`Another process uses ${join(dataDir, "log.jsonl")}`);
    expect(await once(second, "exit")).toEqual([1, null]);
    child.kill("SIGKILL");
    await once(child, "exit");
    const { child: third } = await run();
    third.kill("SIGTERM");
    expect(await once(third, "exit")).toEqual([0, null]);
  });

  it("stores every response that it sent before it was killed", async () => {
    const { child, client } = await run();
    const request = { amount: 100, currency: "EUR", paymentMethod: "tok_visa" };
    const answered: string[] = [];
    const shoppers = Array.from({ length: 10 }, async (_, shopper) => {
      for (let n = 0; ; n += 1) {
        const { body } = await client.post("/v1/payments", { ...request, reference: `${shopper}-${n}` });
        if (answered.push(body.id) === 100) child.kill("SIGKILL");
      }
    });
    await Promise.allSettled(shoppers);
    const again = await run();
    const lost = [];
    for (const id of answered) if ((await again.client.get(`/v1/payments/${id}`)).status !== 200) lost.push(id);
    expect(answered.length).toBeGreaterThanOrEqual(100);
    expect(lost).toEqual([]);
    again.child.kill("SIGTERM");
    await once(again.child, "exit");
  });
});
