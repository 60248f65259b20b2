import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import { type Gates, requestId, sendProblem, type TranscoderOptions, transcoder } from "../src/index.ts";
import { descriptors, registry } from "./library.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly json: any;
}

export interface Sent {
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array | object;
}

/** A Fastify on loopback with the plugin, in front of a real gRPC upstream. */
export interface Edge {
  readonly upstream: Upstream;
  readonly port: number;
  send(method: string, target: string, sent?: Sent): Promise<Answered>;
  stop(): Promise<void>;
}

const noRules: Gates = () => undefined;

export async function startEdge(options: Partial<TranscoderOptions> = {}): Promise<Edge> {
  const upstream = await startUpstream();
  const app = Fastify({
    genReqId: requestId,
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply, { registry }),
  });
  await app.register(transcoder, {
    descriptors,
    invoke: upstream.invoke,
    invokeStream: upstream.invokeStream,
    invokeClientStream: upstream.invokeClientStream,
    invokeBidiStream: upstream.invokeBidiStream,
    gates: () => noRules, // All that may be encoded without a message is; the rest takes the other path.
    ...options,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    upstream,
    port,
    send: (method, target, sent = {}) => send(port, method, target, sent),
    async stop() {
      await app.close();
      await upstream.stop();
    },
  };
}

function send(port: number, method: string, path: string, { headers = {}, body }: Sent): Promise<Answered> {
  const isJson = typeof body === "object" && !(body instanceof Uint8Array);
  const payload = isJson ? JSON.stringify(body) : body;
  const type = payload === undefined || "Content-Type" in headers ? {} : { "Content-Type": "application/json" };
  const length = payload === undefined ? {} : { "Content-Length": Buffer.byteLength(payload) };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port, method, path, headers: { ...type, ...length, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
