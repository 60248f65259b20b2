import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { defineErrors } from "@kontor/errors";
import { toStatus } from "@kontor/rpc";
import { startUpstream, testContract } from "@kontor/rpc/testing";
import { startProcess, withDefaults } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatewayProcess } from "../src/app.ts";

const { OVERLOADED } = defineErrors("things", { OVERLOADED: { code: "UNAVAILABLE", message: "Too many things." } });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kontor-overload-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the edge, while an upstream refuses a method as overloaded", () => {
  it("refuses most calls itself, makes those whose key the upstream knows, and recovers with it", async () => {
    const contract = testContract({ Place: { keyed: true } });
    let overloaded = false;
    const seen: string[] = [];
    const upstream = await startUpstream(contract.registry, (method, request) => {
      const { name } = request as unknown as { name: string };
      seen.push(name);
      if (overloaded && name !== "earlier") throw toStatus(OVERLOADED({ retryAfterMs: 3_000 }));
      return create(method.output, { name } as never);
    });
    const descriptors = join(folder, "contract.binpb");
    await writeFile(descriptors, contract.descriptors);
    const upstreams = JSON.stringify({ "*": upstream.address });
    const config = withDefaults(gatewayProcess.settings, {
      port: 0,
      upstreams,
      descriptors,
      auth: "off",
      graceMs: 500,
    });
    const gateway = await startProcess(gatewayProcess, config, createLogger({ service: "test", level: "fatal" }));
    const post = (name: string) =>
      fetch(`http://127.0.0.1:${gateway.started.port}/v1/place/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });

    expect((await post("earlier")).status).toBe(200);
    overloaded = true;
    const began = performance.now();
    const refused = [];
    for (let index = 0; index < 50; index++) refused.push(await post(`new-${index}`));
    const windows = Math.ceil((performance.now() - began) / 250);
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    expect(new Set(refused.map(({ headers }) => headers.get("retry-after")))).toEqual(new Set(["3"]));
    expect(await refused.at(-1)?.json()).toMatchObject({ reason: "OVERLOADED", detail: "Too many things." });
    expect(seen.length).toBeLessThanOrEqual(2 + windows);
    expect((await post("earlier")).status).toBe(200);
    overloaded = false;
    await eventually(async () => expect((await post(crypto.randomUUID())).status).toBe(200));
    expect((await post("after")).status).toBe(200);
    await gateway.stop();
    upstream.kill();
  });
});
