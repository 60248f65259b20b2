import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** A request as a server received it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** An HTTP server that responds as `respond` says. */
export interface TestServer {
  readonly url: string;
  readonly received: Received[];
  respond: (request: Received, response: ServerResponse, index: number) => unknown;
  stop(): Promise<void>;
}

/** Starts a server on a free port. */
export async function startServer(): Promise<TestServer> {
  const received: Received[] = [];
  const state: Pick<TestServer, "respond"> = { respond: (_, response) => response.end() };
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const known = { method, url, headers, body: await text(request) };
    const index = received.push(known) - 1;
    await state.respond(known, response, index);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : address;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    received,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** Responds with JSON. */
export function json(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    "content-type": status < 400 ? "application/json" : "application/problem+json",
    ...headers,
  });
  response.end(JSON.stringify(value));
}
