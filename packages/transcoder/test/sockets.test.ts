import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { frame, headOf, Opcode } from "../fuzz/make-frames.ts";
import { HttpError } from "../src/index.ts";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    limits: { bodyBytes: 16 * 1024 },
    authorise: ({ request }) => {
      if (request.headers["x-refuse"]) throw new HttpError(401, "TOKEN_MISSING", "Who are you?");
    },
    prepare: ({ message }) => {
      if ("text" in message && message.text === "forbidden") throw new HttpError(403, "NOT_YOURS", "Not yours.");
    },
  });
});
beforeEach(() => {
  edge.upstream.seen.splice(0);
  edge.upstream.cancelled.splice(0);
  edge.upstream.script = (rpc, message) => {
    if (rpc !== "Converse") return {};
    const { text } = message as unknown as { text: string };
    return { text: `re: ${text}` };
  };
});
afterAll(() => edge.stop());

interface Conversation {
  readonly socket: WebSocket;
  readonly received: unknown[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

async function converse(path = "/v1/rooms/7:converse", headers = {}, { port } = edge): Promise<Conversation> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  const received: unknown[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  socket.on("message", (data) => received.push(JSON.parse(data.toString())));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.on("error", () => {});
  return { socket, received, closed };
}

/** Resolves to the response to a refused handshake. */
function refused(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; headers: object }> {
  const upgrade = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  return new Promise((resolve, reject) => {
    const asked = request({ port: edge.port, path, headers: { ...upgrade, ...headers }, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    asked.on("upgrade", (_, socket) => {
      socket.destroy();
      reject(new Error("upgraded"));
    });
    asked.on("error", reject).end();
  });
}

describe("a bidirectional stream", () => {
  it("is a WebSocket on its route, one JSON message a text frame, until an empty one", async () => {
    const { socket, received, closed } = await converse();
    socket.send('{"text":"a"}');
    await expect.poll(() => received).toEqual([{ text: "re: a", number: "0" }]);
    socket.send('{"text":"b","number":9007199254740993}');
    socket.send("");
    expect(await closed).toEqual({ code: 1000, reason: "OK" });
    expect(received).toHaveLength(2);
    expect(edge.upstream.seen.map((s) => s.request)).toEqual([
      { room: 7, text: "a" },
      { room: 7, text: "b", number: "9007199254740993" },
    ]);
  });

  it("is reached by GET also where its contract has POST", async () => {
    const { socket, received, closed } = await converse("/v1/rooms/7/talk");
    socket.send('{"text":"a","room":7}');
    socket.send("");
    await closed;
    expect(received).toHaveLength(1);
  });

  it("responds to the handshake with the request id and nosniff", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/v1/rooms/7:converse`, {
      headers: { "X-Request-Id": "r-1" },
    });
    const headers = await new Promise((resolve) => socket.on("upgrade", (response) => resolve(response.headers)));
    expect(headers).toMatchObject({ "x-request-id": "r-1", "x-content-type-options": "nosniff" });
    socket.terminate();
  });

  it.each([
    ["401 by policy", "/v1/rooms/7:converse", { "X-Refuse": "1" }, 401],
    ["400 for its path", "/v1/rooms/x:converse", {}, 400],
    ["400 for its query", "/v1/rooms/7:converse?text=x", {}, 400],
    ["400 for a path that leaves the prefix", "/v1/rooms/%2e%2e:converse", {}, 400],
    ["404 elsewhere", "/v1/nowhere", {}, 404],
    ["426 for another version", "/v1/rooms/7:converse", { "Sec-WebSocket-Version": "8" }, 426],
    ["400 for a wrong key", "/v1/rooms/7:converse", { "Sec-WebSocket-Key": "x" }, 400],
  ])("is refused before the upgrade with %s", async (_, path, headers, status) => {
    const answer = await refused(path, headers);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ status });
    expect(answer.headers).toMatchObject({ "x-content-type-options": "nosniff" });
    expect(edge.upstream.seen).toEqual([]);
  });

  it("without an upgrade is 426, and 401 before that", async () => {
    const answer = await edge.send("GET", "/v1/rooms/7:converse");
    expect(answer.status).toBe(426);
    expect(answer.headers.upgrade).toBe("websocket");
    expect(edge.upstream.seen).toEqual([]);
    expect((await edge.send("GET", "/v1/rooms/7:converse", { headers: { "X-Refuse": "1" } })).status).toBe(401);
  });

  it("refuses binary frames with 1003", async () => {
    const { socket, closed } = await converse();
    socket.send(Buffer.from("{}"));
    expect((await closed).code).toBe(1003);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("closes with 1009 for a message over the limit", async () => {
    const { socket, closed } = await converse();
    socket.send(JSON.stringify({ text: "x".repeat(17 * 1024) }));
    expect((await closed).code).toBe(1009);
    expect(edge.upstream.seen).toEqual([]);
    await expect.poll(() => edge.upstream.cancelled).toEqual(["Converse"]);
  });

  it("closes with 1007 for text that is not UTF-8", async () => {
    const { socket, closed } = await converse();
    socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect((await closed).code).toBe(1007);
    expect(edge.upstream.seen).toEqual([]);
  });

  it.each([
    ["an unknown field", '{"x":1}', 4003, "INVALID_ARGUMENT INVALID_BODY at /0/x: "],
    ["a duplicate key", '{"text":"a","text":"b"}', 4003, "INVALID_ARGUMENT INVALID_BODY at /0/text: "],
    ["no JSON", "hello", 4003, "INVALID_ARGUMENT INVALID_JSON at /0: "],
    ["another value than the path's", '{"room":8}', 4003, "INVALID_ARGUMENT INVALID_BODY at /0/room: "],
    ["refusals by policy", '{"text":"forbidden"}', 4007, "PERMISSION_DENIED NOT_YOURS: Not yours."],
  ])("closes with the status for %s, and the upstream receives nothing", async (_, frame, code, reason) => {
    const { socket, closed } = await converse();
    socket.send(frame);
    const end = await closed;
    expect(end.code).toBe(code);
    expect(end.reason).toContain(reason);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("closes with the status of the upstream, cut to the limit of a close frame", async () => {
    edge.upstream.script = () => Promise.reject({ code: 5, details: "é".repeat(200) });
    const { socket, closed } = await converse();
    socket.send("{}");
    const { code, reason } = await closed;
    expect(code).toBe(4005);
    expect(reason).toMatch(/^NOT_FOUND: é+$/);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  it("hides the text of INTERNAL", async () => {
    edge.upstream.script = () => Promise.reject({ code: 13, details: "secret" });
    const { socket, closed } = await converse();
    socket.send("{}");
    const { code, reason } = await closed;
    expect(code).toBe(4013);
    expect(reason).not.toContain("secret");
  });

  it("closes with DEADLINE_EXCEEDED when its time is over", async () => {
    const { closed } = await converse("/v1/rooms/7:converse", { "X-Request-Timeout": "50m" });
    expect((await closed).code).toBe(4004);
  });

  it("is pinged, and closed without a pong", async () => {
    // On a busy machine a pong may take longer than this, so that the other tests have a heartbeat of seconds.
    const pinging = await startEdge({ limits: { heartbeatMs: 100 } });
    const { socket, closed } = await converse(undefined, {}, pinging);
    let pings = 0;
    socket.on("ping", () => pings++);
    await expect.poll(() => pings, { timeout: 5_000 }).toBeGreaterThan(2);
    socket.terminate();
    await closed;
    const silent = new WebSocket(`ws://127.0.0.1:${pinging.port}/v1/rooms/7:converse`, { autoPong: false });
    expect(await new Promise((resolve) => silent.on("close", resolve))).toBe(1006);
    await expect.poll(() => pinging.upstream.cancelled).toEqual(["Converse", "Converse"]);
    await pinging.stop();
  });

  it.each(["close", "terminate"] as const)("is cancelled upstream when the client leaves by %s", async (leave) => {
    const { socket, received } = await converse();
    socket.send("{}");
    await expect.poll(() => received).toHaveLength(1);
    socket[leave]();
    await expect.poll(() => edge.upstream.cancelled).toEqual(["Converse"]);
  });

  it("is read only as fast as the upstream takes it", async () => {
    const gate = Promise.withResolvers<void>();
    const slow = await startEdge();
    slow.upstream.script = async () => {
      await gate.promise;
      return {};
    };
    const { socket, closed } = await converse(undefined, {}, slow);
    const frame = JSON.stringify({ text: "x".repeat(15_000) });
    for (let i = 0; i < 3000; i++) socket.send(frame);
    let before = -1;
    const stalled = () => {
      const same = socket.bufferedAmount === before;
      before = socket.bufferedAmount;
      return same;
    };
    await expect.poll(stalled, { interval: 300, timeout: 10_000 }).toBe(true);
    expect(socket.bufferedAmount).toBeGreaterThan(20_000_000);
    gate.resolve();
    socket.send("");
    expect((await closed).code).toBe(1000);
    expect(slow.upstream.seen).toHaveLength(3000);
    await slow.stop();
  });
});

describe("a request to upgrade where no bidirectional RPC is", () => {
  it.each(["websocket", "h2c"])("to %s is served without the upgrade", async (protocol) => {
    const answer = await refused("/v1/books/1", { Upgrade: protocol });
    expect(answer.status).toBe(200);
    expect(edge.upstream.seen).toHaveLength(1);
  });

  it("keeps its connection", async () => {
    const socket = connect(edge.port, "127.0.0.1");
    const ask = "GET /v1/books/1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let text = "";
    socket.on("data", (chunk) => (text += chunk));
    for (const times of [1, 2]) {
      socket.write(ask);
      await expect.poll(() => text.match(/HTTP\/1\.1 200 OK/g) ?? []).toHaveLength(times);
    }
    socket.destroy();
  });
});

describe("a handshake with a body", () => {
  it.each([
    ["announced and never sent", "Content-Length: 5\r\n\r\n", 415],
    ["sent", "Content-Length: 5\r\n\r\nhello", 415],
    ["in chunks", "Transfer-Encoding: chunked\r\n\r\n", 415],
    ["on a route that takes one", "Content-Length: 5\r\n\r\n", 405],
  ])("that is %s is none, and the process lives on", async (_, rest, status) => {
    const path = status === 405 ? "/v1/rooms/7/talk" : "/v1/rooms/7:converse";
    const head = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
    const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(edge.port, "127.0.0.1", () => socket.write(head + key + rest));
      socket.on("data", (chunk) => (text += chunk));
      socket.on("error", () => {}).on("close", () => resolve(text));
    });
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/^connection: close/im);
    expect(edge.upstream.seen).toEqual([]);
    const { socket, closed } = await converse();
    socket.close();
    await closed;
  });
});

describe("frames that RFC 6455 forbids", () => {
  const { text, continuation, close, ping } = Opcode;
  const json = Buffer.from('{"text":"a"}');
  const closing = (...bytes: number[]) => frame(close, Buffer.from(bytes));

  /** The code that the server closes with. */
  function closedBy(bytes: Buffer): Promise<number | undefined> {
    const path = "GET /v1/rooms/7:converse HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    return new Promise((resolve) => {
      let received = Buffer.alloc(0);
      const socket = connect(edge.port, "127.0.0.1", () => socket.write(path + key));
      socket.once("data", () => socket.write(bytes));
      socket.on("data", (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        const at = received.indexOf("\r\n\r\n") + 4;
        if (received[at] !== 0x88 || received.length < at + 4) return;
        resolve(received.readUInt16BE(at + 2));
        socket.destroy();
      });
      socket.on("error", () => {}).on("close", () => resolve(undefined));
    });
  }

  it.each([
    ["without a mask", frame(text, json, { masked: false }), 1002],
    ["with a bit that is reserved", frame(text, json, { reserved: 4 }), 1002],
    ["of no known kind", frame(3, json), 1002],
    ["that goes on with nothing", frame(continuation, json), 1002],
    ["that begins within another message", Buffer.concat([frame(text, json, { fin: false }), frame(text, json)]), 1002],
    ["that is a ping of 126 bytes", frame(ping, Buffer.alloc(126)), 1002],
    ["that is a part of a ping", frame(ping, Buffer.from("x"), { fin: false }), 1002],
    ["that closes with half a code", closing(3), 1002],
    ["that closes with an unassigned code", closing(3, 0xed), 1002],
    ["that closes with words that are not UTF-8", closing(3, 0xe8, 0xc3, 0x28), 1007],
    ["that announces more than the limit", headOf(text, 5_000_000), 1009],
    ["that announces more than there are numbers", Buffer.from([0x81, 0xff, ...Array<number>(12).fill(0xff)]), 1009],
    ["whose parts together are over the limit", partsOf(17 * 1024), 1009],
  ])("like one %s close the connection, and the upstream receives none of them", async (_, bytes, code) => {
    expect(await closedBy(bytes)).toBe(code);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("may arrive in parts with a ping in between", async () => {
    const parts = [frame(text, json.subarray(0, 3), { fin: false }), frame(continuation, json.subarray(3))];
    const all = [parts[0], frame(ping, Buffer.alloc(0)), parts[1]] as Buffer[];
    const ended = closedBy(Buffer.concat(all));
    await expect.poll(() => edge.upstream.seen.map(({ request }) => request)).toEqual([{ room: 7, text: "a" }]);
    expect(await ended, "disconnected, because it sends no pong").toBeUndefined();
  });

  function partsOf(bytes: number): Buffer {
    const part = Buffer.alloc(1024, "x");
    const more = Array.from({ length: bytes / part.length - 1 }, () => frame(continuation, part, { fin: false }));
    return Buffer.concat([frame(text, part, { fin: false }), ...more]);
  }
});
