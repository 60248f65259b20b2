import { connect, type IncomingHttpHeaders } from "node:http2";
import { gzipSync } from "node:zlib";
import { toBinary } from "@bufbuild/protobuf";
import { HealthCheckRequestSchema } from "@kontor/contracts/grpc/health/v1/health";
import { KontorError } from "@kontor/errors";
import { noCallers } from "@kontor/policy";
import { InventoryService } from "@kontor/sample";
import { createLogger } from "@kontor/telemetry";
import { afterEach, describe, expect, it } from "vitest";
import { partly, verifyToken } from "../../../test/shop.ts";
import { createClient, createServer, type Handlers, type ServerLimits, type Transport } from "../../index.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(handlers: Partial<Handlers<typeof InventoryService>> = {}, limits: Partial<ServerLimits> = {}) {
  const server = createServer({
    services: [partly(InventoryService, handlers)],
    policy: { verifyToken, verifyCaller: noCallers },
    log: createLogger({ service: "test", level: "silent" }),
    limits,
    transport: "lean",
  });
  stops.push(() => server.drain(100));
  const port = await server.listen("127.0.0.1", 0);
  server.setServing(true);
  return port;
}

/** Sends bytes to a path by node:http2. Resolves to the fields of head and trailers. */
async function send(port: number, path: string, body: Uint8Array, headers: Record<string, string> = {}) {
  const session = connect(`http://127.0.0.1:${port}`);
  stops.push(() => session.destroy());
  const grpc = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };
  const stream = session.request({ ...grpc, ":path": path, ...headers });
  let fields: IncomingHttpHeaders = {};
  const add = (more: IncomingHttpHeaders) => {
    fields = { ...fields, ...more };
  };
  stream.on("response", add).on("trailers", add).resume().end(body);
  await new Promise((resolve) => stream.once("close", resolve));
  return fields;
}

const CHECK = "/grpc.health.v1.Health/Check";
const WATCH = "/grpc.health.v1.Health/Watch";

function framed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

const check = (service: string) =>
  toBinary(HealthCheckRequestSchema, { $typeName: "grpc.health.v1.HealthCheckRequest", service });

describe("the text of an error", () => {
  const texts = ["Straße\n😀 100%", "%", "%zz", " with spaces ", "\ttab", "plain", "\ud800"];
  it.each(["lean", "http2", "grpc-js"] as const)("arrives at a client of %s as it was thrown", async (transport) => {
    const port = await start({
      getAvailability: async ({ sku }) => {
        throw new KontorError({ code: "NOT_FOUND", reason: "R", domain: "d", message: texts[Number(sku)] ?? "" });
      },
    });
    using client = createClient(InventoryService, { address: `127.0.0.1:${port}`, transport });
    for (const [sku, text] of texts.entries())
      await expect(client.getAvailability({ sku: `${sku}` })).rejects.toMatchObject({ message: text.toWellFormed() });
  });
});

describe("a compressed request", () => {
  it("is decompressed", async () => {
    const port = await start();
    const fields = await send(port, CHECK, framed(gzipSync(check("")), 1), { "grpc-encoding": "gzip" });
    expect(fields["grpc-status"]).toBe("0");
  });

  it("is refused when it is larger than the limit without compression", async () => {
    const port = await start({}, { maxReceiveBytes: 100_000 });
    const bomb = framed(gzipSync(Buffer.alloc(50_000_000)), 1);
    const fields = await send(port, CHECK, bomb, { "grpc-encoding": "gzip" });
    expect(fields["grpc-status"]).toBe("8");
  });

  it.each([
    ["an unknown encoding", { "grpc-encoding": "br" }, "12"],
    ["no encoding", {}, "13"],
    ["broken bytes", { "grpc-encoding": "gzip" }, "13"],
  ])("is refused with %s", async (_, headers, status) => {
    const port = await start();
    const fields = await send(port, CHECK, framed(Buffer.from("broken"), 1), headers as Record<string, string>);
    expect(fields["grpc-status"]).toBe(status);
  });
});

describe("a request", () => {
  it.each<[string, string, Buffer, Record<string, string>, object]>([
    ["of another method", CHECK, Buffer.alloc(0), { ":method": "PUT" }, { ":status": 405 }],
    ["of another type", CHECK, Buffer.alloc(0), { "content-type": "application/json" }, { ":status": 415 }],
    ["of an unknown RPC", "/a.B/C", framed(check("")), {}, { "grpc-status": "12" }],
    ["without a message", CHECK, Buffer.alloc(0), {}, { "grpc-status": "12" }],
    ["with two messages", CHECK, Buffer.concat([framed(check("")), framed(check(""))]), {}, { "grpc-status": "12" }],
    ["with half a message", CHECK, framed(check("x")).subarray(0, 6), {}, { "grpc-status": "13" }],
    ["with a wrong timeout", CHECK, framed(check("")), { "grpc-timeout": "1x" }, { "grpc-status": "13" }],
    ["that is no message", CHECK, framed(Buffer.from([255])), {}, { "grpc-status": "3" }],
  ])("%s is refused", async (_, path, body, headers, expected) => {
    expect(await send(await start(), path, body, headers)).toMatchObject(expected);
  });

  it("of a stream ends at its deadline", async () => {
    const fields = await send(await start(), WATCH, framed(check("")), { "grpc-timeout": "50m" });
    expect(fields).toMatchObject({ ":status": 200, "grpc-status": "4" });
  });
});

describe("connections that grow old", () => {
  it.each<Transport>(["lean", "http2", "grpc-js"])("fail no call of a client of %s", async (transport) => {
    const received = new Set<string>();
    const port = await start(
      {
        getAvailability: async ({ sku }) => {
          expect(received.has(sku)).toBe(false);
          received.add(sku);
          return {};
        },
      },
      { maxConnectionAgeMs: 40 },
    );
    using client = createClient(InventoryService, { address: `127.0.0.1:${port}`, transport });
    let count = 0;
    const until = Date.now() + 1_500;
    const worker = async () => {
      while (Date.now() < until) await client.getAvailability({ sku: `${count++}` }, { idempotent: false });
    };
    await Promise.all(Array.from({ length: 10 }, worker));
    expect(received.size).toBe(count);
  });
});
