import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { startUpstream } from "@kontor/rpc/testing";
import { startProcess, withDefaults } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { buildContract } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatewayProcess } from "../src/app.ts";

const log = createLogger({ service: "test", level: "fatal" });

/** A contract of another company, which knows `buf.validate` and nothing of ours. */
const contractOf = (rule: string) => `
  syntax = "proto3";
  package acme.loans.v1;
  import "buf/validate/validate.proto";
  import "google/api/annotations.proto";
  service LoanService {
    rpc Lend(LendRequest) returns (Loan) { option (google.api.http) = {post: "/v1/loans/{isbn}" body: "*"}; }
    rpc Find(LendRequest) returns (Loan) { option (google.api.http) = {get: "/v1/loans/{isbn}"}; }
    rpc Watch(LendRequest) returns (stream Loan) { option (google.api.http) = {get: "/v1/loans/{isbn}:watch"}; }
    rpc Import(stream LendRequest) returns (Loan) { option (google.api.http) = {post: "/v1/loans:import" body: "*"}; }
  }
  message LendRequest {
    string isbn = 1 [(buf.validate.field).string.pattern = "^[0-9\\\\-]{10,17}$"];
    string reader = 2 [${rule}];
    int32 days_lent = 3 [(buf.validate.field).int32 = {gte: 0, lte: 28}];
  }
  message Loan { string id = 1; }`;

describe("a contract with rules", () => {
  const calls: string[] = [];
  const stops: (() => unknown)[] = [];
  let folder: string;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kontor-rules-"));
    const descriptors = await buildContract({ "acme/loans/v1/loans.proto": contractOf("deprecated = false") });
    upstream = await startUpstream(createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors)), (method) => {
      calls.push(method.name);
      return create(method.output, { id: "l1" } as object as never);
    });
    stops.push(() => upstream.kill());
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
    await rm(folder, { recursive: true });
  });

  async function gateway(rule: string, more: { readonly validation?: boolean } = {}): Promise<string> {
    const descriptors = join(folder, `${crypto.randomUUID()}.binpb`);
    await writeFile(descriptors, await buildContract({ "acme/loans/v1/loans.proto": contractOf(rule) }));
    const upstreams = JSON.stringify({ "*": upstream.address });
    const given = { port: 0, upstreams, descriptors, auth: "off", graceMs: 500, ...more } as const;
    const running = await startProcess(gatewayProcess, withDefaults(gatewayProcess.settings, given), log);
    stops.push(running.stop);
    return `http://127.0.0.1:${running.started.port}`;
  }
  const post = (url: string, body: object, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  it("refuses an invalid request with all violations, where the client finds them, and calls no upstream", async () => {
    const url = await gateway("(buf.validate.field).string.min_len = 1");
    calls.length = 0;
    const response = await post(`${url}/v1/loans/abc`, { daysLent: 29 });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_REQUEST",
      domain: "loans.acme",
      errors: [
        { parameter: "isbn", code: "WRONG_CHARACTERS", params: { min: 10, max: 17, allowed: "0-9 -" } },
        { pointer: "/reader", code: "REQUIRED", params: {}, detail: "Is required." },
        { pointer: "/daysLent", code: "OUT_OF_RANGE", params: { min: 0, max: 28 }, detail: "Must be 0 to 28." },
      ],
    });
    const german = await post(`${url}/v1/loans/0-306-40615-2`, {}, { "accept-language": "de" });
    expect(await german.json()).toMatchObject({
      detail: "reader: Ist erforderlich.",
      errors: [{ detail: "Ist erforderlich." }],
    });
    expect(calls).toEqual([]);
    expect((await post(`${url}/v1/loans/0-306-40615-2`, { reader: "ada", daysLent: 28 })).status).toBe(200);
    expect(calls).toEqual(["Lend"]);
  });

  it("refuses a stream before it begins, and a message of the client's stream", async () => {
    const url = await gateway("(buf.validate.field).string.max_len = 3");
    calls.length = 0;
    expect((await fetch(`${url}/v1/loans/0-306-40615-2:watch?reader=ada+l`)).status).toBe(400);
    expect((await fetch(`${url}/v1/loans/0-306-40615-2?reader=ada+l`)).status).toBe(400);
    expect(calls).toEqual([]);
    const lines = [{ isbn: "0-306-40615-2" }, { isbn: "x" }].map((line) => JSON.stringify(line)).join("\n");
    const headers = { "content-type": "application/x-ndjson" };
    const response = await fetch(`${url}/v1/loans:import`, { method: "POST", headers, body: lines });
    expect([response.status, await response.json()]).toMatchObject([400, { reason: "INVALID_REQUEST" }]);
  });

  it("leaves requests to the service with GATEWAY_VALIDATION=off", async () => {
    const url = await gateway("(buf.validate.field).string.min_len = 1", { validation: false });
    expect((await post(`${url}/v1/loans/abc`, {})).status).toBe(200);
  });

  it.each([
    ["is not valid", "(buf.validate.field).string.pattern = '['", "LendRequest.reader: [ is no pattern of RE2."],
    [
      "does not compile",
      '(buf.validate.field).cel = {id: "x", expression: "this.("}',
      "LendRequest: failed to compile x",
    ],
    ["does not fit", "(buf.validate.field).int32.gte = 1", "LendRequest"],
  ])("ends the start if a rule %s", async (_, rule, message) => {
    await expect(gateway(rule)).rejects.toThrow(message);
  });
});
