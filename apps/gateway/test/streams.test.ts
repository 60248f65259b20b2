import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "undici";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Conversation, startConversation } from "./conversation.ts";
import { type Shop, startShop } from "./shop.ts";

let folder: string;
let conversation: Conversation;
let edge: Shop;

async function start(upstream: Conversation, config: Parameters<typeof startShop>[0] = {}): Promise<Shop> {
  const descriptors = join(folder, `${crypto.randomUUID()}.binpb`);
  await writeFile(descriptors, upstream.contract.descriptors);
  const upstreams = JSON.stringify({ "test.v1.ThingService": upstream.address });
  return startShop({ descriptors, upstreams, bodyLimit: 16 * 1024, graceMs: 1_000, ...config });
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kontor-streams-"));
  conversation = await startConversation();
  edge = await start(conversation);
});
beforeEach(() => {
  conversation.calls.splice(0);
  conversation.cancelled.splice(0);
  conversation.script = () => {};
});
afterAll(async () => {
  await edge.stop();
  conversation.kill();
  await rm(folder, { recursive: true });
});

const bearer = (shop = edge, scopes = "conversation") => ({ Authorization: `Bearer ${shop.token("ada", scopes)}` });
/** The duration of an upload. More than a minute only by a setting. */
const uploadSeconds = Number(process.env.LONG_UPLOAD_SECONDS ?? 2);
const refuse = (code: number, details: string) => () => {
  throw { code, details };
};

interface Talk {
  readonly socket: WebSocket;
  readonly received: unknown[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

async function chat(shop = edge, headers: Record<string, string> = {}): Promise<Talk> {
  const socket = new WebSocket(`${shop.url.replace("http", "ws")}/v1/chat/room`, {
    headers: { ...bearer(shop), ...headers },
  });
  const received: unknown[] = [];
  socket.addEventListener("message", ({ data }) => received.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason })),
  );
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("the handshake was refused")));
  });
  return { socket, received, closed };
}

const handshake = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** A request whose body is written bit by bit. */
function open(method: string, path: string, headers: Record<string, string>, shop = edge) {
  const outgoing = request(shop.url + path, { method, headers, agent: false });
  const answered = new Promise<{ status: number; challenge: string | undefined; problem: unknown; told: object }>(
    (resolve, reject) => {
      outgoing.on("error", reject);
      outgoing.on("upgrade", () => reject(new Error("upgraded")));
      outgoing.on("response", (response) => {
        let text = "";
        response.on("data", (chunk) => (text += chunk));
        const { statusCode: status = 0, headers } = response;
        response.on("end", () =>
          resolve({
            status,
            challenge: headers["www-authenticate"],
            problem: JSON.parse(text) as unknown,
            told: headers,
          }),
        );
      });
    },
  );
  answered.catch(() => {});
  return { outgoing, answered };
}

describe("a bidirectional RPC behind the gateway", () => {
  it("is a conversation over a WebSocket, with the caller's metadata", async () => {
    const { socket, received, closed } = await chat(edge, { "X-Request-Id": "r-1", Cookie: "a=b" });
    for (const servedBy of ["a", "b"]) {
      socket.send(JSON.stringify({ servedBy }));
      await expect.poll(() => received.at(-1)).toEqual({ name: "room", servedBy });
    }
    socket.send("");
    expect(await closed).toEqual({ code: 1000, reason: "OK" });
    const [call] = conversation.calls;
    expect(call?.heard).toEqual(["a", "b"]);
    const told = (name: string) => call?.metadata.get(name);
    expect(told("authorization")).toEqual([expect.stringMatching(/^Bearer ey/)]);
    expect(told("x-request-id")).toEqual(["r-1"]);
    expect(told("cookie")).toEqual([]);
  });

  it("ends when the token expires, and is cancelled upstream", async () => {
    const exp = Math.ceil(Date.now() / 1000) + 1;
    const { socket, received, closed } = await chat(edge, {
      Authorization: `Bearer ${edge.token("ada", "conversation", { exp })}`,
    });
    socket.send('{"servedBy":"a"}');
    await expect.poll(() => received).toHaveLength(1);
    const { code, reason } = await closed;
    expect(code).toBe(4016);
    expect(reason).toContain("UNAUTHENTICATED TOKEN_EXPIRED");
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    expect(Date.now()).toBeLessThan(exp * 1000 + 5_000);
    await expect.poll(() => conversation.cancelled).toEqual(["Chat"]);
  });

  it.each<[string, number, () => Record<string, string>, string]>([
    ["without a token", 401, () => ({}), "Bearer"],
    ["with a wrong token", 401, () => ({ Authorization: "Bearer x.y.z" }), 'error="invalid_token"'],
    ["without the scope", 403, () => bearer(edge, "other"), 'error="insufficient_scope", scope="conversation"'],
  ])(
    "is refused %s by %i before the upgrade, and the upstream receives nothing",
    async (_, status, headers, challenge) => {
      const { outgoing, answered } = open("GET", "/v1/chat/room", { ...handshake, ...headers() });
      outgoing.end();
      const answer = await answered;
      expect(answer).toMatchObject({ status, problem: { status, instance: expect.stringContaining("urn:request:") } });
      expect(answer.challenge).toContain(challenge);
      expect(conversation.calls).toEqual([]);
    },
  );

  it("is refused by 429 before the upgrade over the limit, and the upstream receives nothing", async () => {
    const shop = await start(conversation, { rateLimits: '{"default":{"limit":2,"windowSeconds":3600}}' });
    for (let i = 0; i < 2; i++) {
      const { socket, closed } = await chat(shop);
      socket.send("");
      expect((await closed).code).toBe(1000);
    }
    conversation.calls.splice(0);
    const { outgoing, answered } = open("GET", "/v1/chat/room", { ...handshake, ...bearer(shop) }, shop);
    outgoing.end();
    expect(await answered).toMatchObject({
      status: 429,
      problem: { reason: "RATE_LIMITED" },
      told: { "retry-after": expect.stringMatching(/^[1-9]\d*$/), ratelimit: expect.stringContaining("r=0") },
    });
    expect(conversation.calls).toEqual([]);
    await shop.stop();
  });

  it.each<[string, (socket: WebSocket) => void, number, string]>([
    ["a binary frame", (socket) => socket.send(new Uint8Array([1])), 1003, ""],
    ["a message over the limit", (socket) => socket.send(`{"servedBy":"${"x".repeat(20_000)}"}`), 1009, ""],
    ["an unknown field", (socket) => socket.send('{"nope":1}'), 4003, "INVALID_ARGUMENT INVALID_BODY at /0/nope"],
    ["another name than the path's", (socket) => socket.send('{"name":"x"}'), 4003, "INVALID_ARGUMENT"],
  ])("closes with the code for %s, and the upstream receives nothing of it", async (_, say, code, reason) => {
    const { socket, closed } = await chat();
    say(socket);
    const end = await closed;
    expect(end.code).toBe(code);
    expect(end.reason).toContain(reason);
    expect(conversation.calls.flatMap(({ heard }) => heard)).toEqual([]);
  });

  it.each([
    ["says", 9, 4009, "FAILED_PRECONDITION: not now"],
    ["must not say", 13, 4013, "INTERNAL: The request could not be completed."],
  ])("closes with the status of the upstream and the text that it %s", async (_, code, close, reason) => {
    conversation.script = refuse(code, code === 9 ? "not now" : "password=hunter2");
    const { socket, closed } = await chat();
    socket.send("{}");
    expect(await closed).toEqual({ code: close, reason });
  });

  it("is cancelled upstream when the client leaves", async () => {
    const { socket, received } = await chat();
    socket.send("{}");
    await expect.poll(() => received).toHaveLength(1);
    socket.close();
    await expect.poll(() => conversation.cancelled, { timeout: 1000 }).toEqual(["Chat"]);
  });

  it("closes with UNAVAILABLE when the upstream crashes during the stream", async () => {
    const mortal = await startConversation();
    const shop = await start(mortal);
    const { socket, received, closed } = await chat(shop);
    socket.send("{}");
    await expect.poll(() => received).toHaveLength(1);
    mortal.kill();
    expect((await closed).code).toBe(4014);
    await shop.stop();
  });

  it("ends with UNAVAILABLE when the gateway receives SIGTERM, which then stops", async () => {
    const shop = await start(conversation);
    const { socket, received, closed } = await chat(shop);
    socket.send("{}");
    await expect.poll(() => received).toHaveLength(1);
    const stopped = shop.stop();
    expect(await closed).toEqual({ code: 4014, reason: expect.stringMatching(/^UNAVAILABLE: /) });
    await stopped;
    expect(conversation.cancelled).toEqual(["Chat"]);
  });
});

describe("a client stream behind the gateway", () => {
  const ndjson = { "Content-Type": "application/x-ndjson" };
  const upload = (headers: Record<string, string> = bearer(), shop = edge) =>
    open("POST", "/v1/upload/u1", { ...ndjson, ...headers }, shop);
  const unavailable = { status: 503, problem: { code: "UNAVAILABLE" }, told: { connection: "close" } };

  it("reaches the upstream while it is written, and receives one response", async () => {
    const { outgoing, answered } = upload();
    outgoing.write('{"servedBy":"a"}\n');
    await expect.poll(() => conversation.calls[0]?.heard).toEqual(["a"]);
    outgoing.end('{"servedBy":"b"}\n');
    expect(await answered).toMatchObject({ status: 200, problem: { name: "2" } });
    expect(conversation.calls[0]?.heard).toEqual(["a", "b"]);
  });

  it("may be an array", async () => {
    const { outgoing, answered } = upload({ ...bearer(), "Content-Type": "application/json" });
    outgoing.end('[{"servedBy":"a"},{"servedBy":"b"}]');
    expect(await answered).toMatchObject({ status: 200, problem: { name: "2" } });
  });

  it("is refused before its body is read, and the upstream receives nothing", async () => {
    for (const [headers, status] of [[{}, 401] as const, [bearer(edge, "other"), 403] as const]) {
      const { outgoing, answered } = upload(headers);
      outgoing.write("no json\n"); // Never ended: the response does not wait for it.
      expect(await answered).toMatchObject({ status });
      outgoing.destroy();
    }
    expect(conversation.calls).toEqual([]);
  });

  it("that goes wrong in the middle is 400 naming the message, and the call is cancelled", async () => {
    const { outgoing, answered } = upload();
    outgoing.end('{"servedBy":"a"}\n{"servedBy":1}\n');
    expect(await answered).toMatchObject({ status: 400, problem: { errors: [{ pointer: "/1/servedBy" }] } });
    await expect.poll(() => conversation.cancelled, { timeout: 1000 }).toEqual(["Upload"]);
  });

  it("receives the status of the upstream before it ends", async () => {
    conversation.script = refuse(9, "enough");
    const { outgoing, answered } = upload();
    outgoing.write("{}\n");
    expect(await answered).toMatchObject({ status: 400, problem: { code: "FAILED_PRECONDITION", detail: "enough" } });
    outgoing.destroy();
  });

  it("ends when the token expires, and is cancelled upstream", async () => {
    const exp = Math.ceil(Date.now() / 1000) + 1;
    const { outgoing, answered } = upload({ Authorization: `Bearer ${edge.token("ada", "conversation", { exp })}` });
    outgoing.write("{}\n");
    expect(await answered).toMatchObject({
      ...{ status: 401, challenge: 'Bearer error="invalid_token"' },
      problem: { code: "UNAUTHENTICATED", reason: "TOKEN_EXPIRED" },
    });
    await expect.poll(() => conversation.cancelled).toEqual(["Upload"]);
    outgoing.destroy();
  });

  it("is cancelled upstream when the client leaves", async () => {
    const { outgoing } = upload();
    outgoing.write("{}\n");
    await expect.poll(() => conversation.calls[0]?.heard).toHaveLength(1);
    outgoing.destroy();
    await expect.poll(() => conversation.cancelled, { timeout: 1000 }).toEqual(["Upload"]);
  });

  it("that continues when the gateway receives SIGTERM receives 503, and is cancelled upstream", async () => {
    const shop = await start(conversation);
    const { outgoing, answered } = upload(bearer(shop), shop);
    outgoing.write("{}\n");
    await expect.poll(() => conversation.calls[0]?.heard).toHaveLength(1);
    const stopped = shop.stop();
    expect(await answered).toMatchObject(unavailable);
    await expect.poll(() => conversation.cancelled).toEqual(["Upload"]);
    await stopped;
  });

  it("that has sent nothing by then receives 503 too, and the upstream receives nothing", async () => {
    const shop = await start(conversation);
    const { outgoing, answered } = upload({ ...bearer(shop), Expect: "100-continue" }, shop);
    outgoing.flushHeaders();
    await once(outgoing, "continue");
    outgoing.write('{"servedBy":');
    const stopped = shop.stop();
    expect(await answered).toMatchObject(unavailable);
    await stopped;
    expect(conversation.calls).toEqual([]);
  });

  it(`may take ${uploadSeconds} s and longer while it makes progress`, {
    timeout: uploadSeconds * 1_000 + 30_000,
  }, async () => {
    const shop = await start(conversation, { deadlineDefault: 600_000 });
    const { outgoing, answered } = upload(bearer(shop), shop);
    const until = performance.now() + uploadSeconds * 1_000;
    let lines = 0;
    for (; performance.now() < until; lines++) {
      outgoing.write("{}\n");
      await new Promise((soon) => setTimeout(soon, 250));
    }
    outgoing.end();
    expect(await answered).toMatchObject({ status: 200, problem: { name: String(lines) } });
    await shop.stop();
  });
});
