import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { signWebhook } from "./webhook-signature.ts";

/** The key that `createClient` sends. */
export const testApiKey = "test-key";

/** The secret that `startReceiver` checks signatures with. */
export const testWebhookSecret = "whsec_c2ltdWxhdG9yLXRlc3RzLXNlY3JldA==";

/** A response, read to its end. */
export interface Reply {
  readonly status: number;
  readonly replayed: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its expectations what it expects.
  readonly body: any;
}

/** Calls a simulator on this machine with JSON. */
export interface Client {
  get(path: string): Promise<Reply>;
  /** A request without a key gets a new one. */
  post(path: string, body?: object, key?: string): Promise<Reply>;
}

/** Makes a client for the simulator on this port. */
export function createClient(port: number): Client {
  async function call(method: string, path: string, init: RequestInit): Promise<Reply> {
    const headers = { authorization: `Bearer ${testApiKey}`, ...init.headers };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...init, headers });
    const text = await response.text();
    const json = response.headers.get("content-type") === "application/json";
    const replayed = response.headers.get("idempotent-replayed") === "true";
    return { status: response.status, replayed, body: json ? JSON.parse(text) : text };
  }
  return {
    get: (path) => call("GET", path, {}),
    post: (path, body = {}, key = crypto.randomUUID()) =>
      call("POST", path, { body: JSON.stringify(body), headers: { "idempotency-key": key } }),
  };
}

/** A webhook as it arrived. */
export interface Received {
  readonly id: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its expectations what it expects.
  readonly data: any;
}

/** A server that webhooks can be sent to. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** How many requests were accepted. */
  requests: number;
  /** Refuse this many with 500 before accepting. */
  refuseNext: number;
  close(): Promise<void>;
}

/** Starts a receiver that accepts correctly signed webhooks and responds with 401 to others. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString("utf8");
    const id = String(request.headers["webhook-id"]);
    const timestamp = Number(request.headers["webhook-timestamp"]);
    const genuine = request.headers["webhook-signature"] === signWebhook(testWebhookSecret, id, timestamp, body);
    const refused = receiver.refuseNext > 0;
    if (refused) receiver.refuseNext -= 1;
    else if (genuine) {
      receiver.requests += 1;
      receiver.received.push(...[JSON.parse(body)].flat());
    }
    response.writeHead(refused ? 500 : genuine ? 204 : 401).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received: [],
    requests: 0,
    refuseNext: 0,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return receiver;
}
