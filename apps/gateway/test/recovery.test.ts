import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { startUpstream, type TestContract, type TestRpc, testContract } from "@kontor/rpc/testing";
import { startProcess, withDefaults } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatewayProcess } from "../src/app.ts";

const log = createLogger({ service: "test", level: "fatal" });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kontor-recovery-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function gateway(contract: TestContract, upstream: string, more: { readonly rpcRetries?: boolean } = {}) {
  const descriptors = join(folder, `${crypto.randomUUID()}.binpb`);
  await writeFile(descriptors, contract.descriptors);
  const upstreams = JSON.stringify({ "*": upstream });
  const given = { port: 0, upstreams, descriptors, auth: "off", graceMs: 500, ...more } as const;
  const config = withDefaults(gatewayProcess.settings, given);
  const running = await startProcess(gatewayProcess, config, log);
  return { url: `http://127.0.0.1:${running.started.port}`, stop: running.stop };
}
const rpcs = (more: Record<string, TestRpc>) => testContract(more);

describe("when no upstream responds", () => {
  it("the response is 503 at once, with Retry-After and without addresses", async () => {
    const running = await gateway(rpcs({ Get: { safe: true }, Post: {} }), "127.0.0.1:1,127.0.0.1:2");
    for (let i = 0; i < 30; i++) {
      const answer = await fetch(`${running.url}/v1/get/a`);
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await answer.text()).not.toContain("127.0.0.1");
    }
    await running.stop();
  });

  it("the fallback of the contract is the response, marked as one", async () => {
    const contract = rpcs({ Get: { safe: true, fallback: '{"name":"nobody"}' } });
    const upstream = await startUpstream(contract.registry, (method) =>
      create(method.output, { name: "somebody" } as object as never),
    );
    const running = await gateway(contract, upstream.address);
    const alive = await fetch(`${running.url}/v1/get/a`);
    expect([await alive.json(), alive.headers.get("kontor-fallback")]).toEqual([
      { name: "somebody", servedBy: "" },
      null,
    ]);
    upstream.kill();
    for (let i = 0; i < 30; i++) {
      const answer = await fetch(`${running.url}/v1/get/a`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("kontor-fallback")).toBe("true");
      expect(await answer.json()).toEqual({ name: "nobody", servedBy: "" });
    }
    await running.stop();
  });

  it("the fallback does not replace an error that an upstream sent", async () => {
    const contract = rpcs({ Get: { safe: true, fallback: "{}" } });
    const upstream = await startUpstream(contract.registry, () => {
      throw { code: 5, details: "There is none." };
    });
    const running = await gateway(contract, upstream.address);
    expect((await fetch(`${running.url}/v1/get/a`)).status).toBe(404);
    await running.stop();
    upstream.kill();
  });
});

describe("a call whose upstream is UNAVAILABLE", () => {
  it.each([
    [true, 2],
    [false, 1],
  ])("with RPC_RETRIES %s is tried %i times", async (rpcRetries, tries) => {
    const contract = rpcs({ Get: { safe: true } });
    const upstream = await startUpstream(contract.registry, () => {
      throw { code: 14, details: "Away." };
    });
    const running = await gateway(contract, upstream.address, { rpcRetries });
    expect((await fetch(`${running.url}/v1/get/a`)).status).toBe(503);
    expect(upstream.calls()).toBe(tries);
    await running.stop();
    upstream.kill();
  });
});

describe("a contract is refused", () => {
  it.each([
    [
      "whose fallback does not fit",
      { Get: { safe: true, fallback: '{"nope":1}' } },
      /ThingService\.Get: fallback: .*nope/,
    ],
    ["whose fallback is no JSON", { Get: { safe: true, fallback: "{" } }, /ThingService\.Get: fallback/],
    ["that retries too often", { Get: { attempts: 4 } }, /ThingService\.Get: retry: attempts are 2 to 3/],
  ])("%s", async (_, contract, message) => {
    await expect(gateway(rpcs(contract), "127.0.0.1:1")).rejects.toThrow(message);
  });
});
