import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { registry } from "@kontor/telemetry";

// An import would read every export, and some load Node's own undici: 5 MB in every process, used by none.
const { createServer } = process.getBuiltinModule("node:http");

/** The port that operators and Kubernetes look at. */
export interface OperationsServer {
  readonly port: number;
  /** Sets the result of /readyz. It is false until set. It follows the state of this process, never that of a shared dependency. */
  setReady(ready: boolean): void;
  close(): Promise<void>;
}

/** Serves /metrics, /livez (the event loop turns, nothing else) and /readyz. */
export async function startOperationsServer(host: string, port: number): Promise<OperationsServer> {
  let ready = false;
  const answers: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
    "/livez": (response) => text(response, 200, "ok"),
    "/readyz": (response) => (ready ? text(response, 200, "ok") : text(response, 503, "not ready")),
    "/metrics": async (response) => text(response, 200, await registry.metrics(), registry.contentType),
  };
  const server = createServer((request, response) => {
    const answer = answers[request.url?.split("?")[0] ?? ""];
    if (answer) void answer(response);
    else text(response, 404, "not found");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    setReady(next) {
      ready = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function text(response: ServerResponse, status: number, body: string, type = "text/plain"): void {
  response.writeHead(status, { "content-type": type }).end(body);
}
