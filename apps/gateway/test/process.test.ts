import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startWatchdog } from "@kontor/servers";
import { childEnvironment } from "@kontor/testing";
import { afterAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const library = fileURLToPath(new URL("../../../packages/transcoder/test/library.binpb", import.meta.url));
const held = startWatchdog({ signal: "SIGKILL" });
afterAll(() => held.release());

interface Run {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  output(): string;
  port(): Promise<number>;
}

function run(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [main], {
    env: childEnvironment({ GATEWAY_PORT: "0", GATEWAY_UPSTREAMS: '{"*":"127.0.0.1:1"}', ...env }),
    stdio: ["pipe", "pipe", "pipe"],
  });
  held.hold(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk));
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const found = () => /"port":(\d+),"routes"/.exec(output)?.[1];
  return {
    child,
    exit,
    output: () => output,
    async port() {
      await expect.poll(found, { timeout: 20_000 }).toBeDefined();
      return Number(found());
    },
  };
}

describe("the gateway's process", () => {
  it("serves foreign contracts, configured by the environment alone", async () => {
    const gateway = run({ GATEWAY_DESCRIPTORS: library, GATEWAY_AUTH: "off" });
    const answer = await fetch(`http://127.0.0.1:${await gateway.port()}/v1/books/1?nope=1`);
    expect(answer.status).toBe(400);
    expect(gateway.output()).toContain("GATEWAY_AUTH=off");
    gateway.child.kill("SIGTERM");
    expect(await gateway.exit).toBe(0);
  });

  it("exits with 0 within 10 s of SIGTERM, with any connections open", async () => {
    const gateway = run({ GATEWAY_DESCRIPTORS: library, GATEWAY_AUTH: "off" });
    const port = await gateway.port();
    const sockets = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    const [idle, slow, uploading] = sockets as [Socket, Socket, Socket];
    uploading.write(
      "POST /v1/books HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    );
    slow.write("GET /healthz HTTP/1.1\r\nHost:");
    idle.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(idle, "data");
    gateway.child.kill("SIGTERM");
    expect(await Promise.race([gateway.exit, setTimeout(10_000, "late", { ref: false })])).toBe(0);
    for (const socket of sockets) socket.destroy();
  });

  it("responds with 503 to a body that is incomplete after the grace, closes, and calls no upstream", async () => {
    const gateway = run({ GATEWAY_DESCRIPTORS: library, GATEWAY_AUTH: "off", KONTOR_GRACE_MS: "3000" });
    const socket = connect(await gateway.port(), "127.0.0.1").on("error", () => {});
    socket.write(
      "PUT /v1/books/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    );
    await once(socket, "data"); // 100 Continue
    socket.write("{");
    gateway.child.kill("SIGTERM");
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/^connection: close/im);
    expect(answer).toContain('"code":"UNAVAILABLE"');
    expect(await gateway.exit).toBe(0);
  });

  it.each([
    [
      "a contract without auth options",
      { GATEWAY_DESCRIPTORS: library },
      /\w+\.proto: transcoder\.test\.v1\.\w+\.\w+: .*auth/,
    ],
    ["a file that is no descriptor set", { GATEWAY_DESCRIPTORS: main, GATEWAY_AUTH: "off" }, /GATEWAY_DESCRIPTORS/],
    ["deadlines of an hour", { DEADLINE_CAP: "1h" }, /DEADLINE_CAP/],
    [
      "a port that there is not",
      { GATEWAY_UPSTREAMS: '{"*":"127.0.0.1:70000"}' },
      /127\.0\.0\.1:70000 is not between 1/,
    ],
    ["upstreams that are no JSON", { GATEWAY_UPSTREAMS: "x" }, /GATEWAY_UPSTREAMS is not JSON/],
  ])("refuses %s and exits with an error", async (_, env, message) => {
    const gateway = run(env);
    expect(await gateway.exit).not.toBe(0);
    expect(gateway.output()).toMatch(message);
  });

  it("ends when its parent does", async () => {
    const gateway = run({ KONTOR_EXIT_WITH_PARENT: "1" });
    await gateway.port();
    gateway.child.stdin?.end();
    expect(await gateway.exit).toBe(0);
  });
});

describe("that receives SIGTERM", () => {
  it("finishes requests in flight and closes connections", async () => {
    const shop: Shop = await startShop();
    const { promise, resolve } = Promise.withResolvers<void>();
    shop.script = async () => {
      await promise;
      return { products: [] };
    };
    const inFlight = shop.fetch("/.well-known/jwks.json").then((answer) => answer.status);
    const slow = shop.fetch("/api/v1/orders/o1", {
      headers: { Authorization: `Bearer ${shop.token("u1", "orders.read")}` },
    });
    await expect.poll(() => shop.seen).toHaveLength(1);
    const stopped = shop.stop();
    await expect
      .poll(() =>
        shop.fetch("/readyz").then(
          () => "open",
          () => "closed",
        ),
      )
      .toBe("closed");
    resolve();
    const answer = await slow;
    expect(answer.status).toBe(200);
    expect(answer.headers.get("connection")).toBe("close");
    expect(await inFlight).toBe(200);
    await stopped;
  });

  it("it ends streams that would never end, in-band", async () => {
    const shop = await startShop({ graceMs: 500 });
    shop.script = async function* (_rpc, _request, context) {
      yield { order: { id: "o1" } };
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
    };
    const headers = { Authorization: `Bearer ${shop.token("u1", "orders.read")}`, Accept: "text/event-stream" };
    const answer = await shop.fetch("/api/v1/orders/o1:watch", { headers });
    const text = answer.text();
    await shop.stop();
    expect(await text).toMatch(/event: problem\ndata: \{.*"code":"UNAVAILABLE"/);
  });
});
