import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An EndpointSlice without its metadata. */
export interface FakeSlice {
  /** `IPv4` or `IPv6`. */
  readonly addressType: string;
  /** The named ports of all endpoints. */
  readonly ports: readonly { readonly name: string; readonly port: number }[];
  /** The pods. */
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly conditions: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
    readonly targetRef: { readonly uid: string };
  }[];
}

/**
 * Starts a fake API server. It serves lists and watches of EndpointSlices, and fails on demand. Rehearsals test a real one on a cluster.
 * KUBECONFIG points to it until it is stopped.
 */
export async function startFakeApiServer() {
  const slices = new Map<string, object>();
  const watches = new Set<ServerResponse>();
  const asked: URL[] = [];
  let version = 100;
  let refusal: number | undefined;

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://api");
    asked.push(url);
    if (refusal !== undefined) return void response.writeHead(refusal).end("{}");
    if (url.searchParams.get("watch") !== "true") {
      const list = {
        kind: "EndpointSliceList",
        metadata: { resourceVersion: `${version}` },
        items: [...slices.values()],
      };
      return void response.end(JSON.stringify(list));
    }
    response.writeHead(200).flushHeaders();
    watches.add(response);
    response.once("close", () => watches.delete(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), "kontor-api-server-"));
  const before = process.env.KUBECONFIG;
  process.env.KUBECONFIG = join(folder, "config");
  await writeFile(process.env.KUBECONFIG, kubeconfig(`http://127.0.0.1:${port}`));

  function send(type: string, object: unknown): void {
    for (const response of watches) response.write(`${JSON.stringify({ type, object })}\n`);
  }
  return {
    asked,
    /** The number of requested lists. */
    lists: () => asked.filter((url) => !url.searchParams.has("watch")).length,
    watching: () => watches.size,
    /** Changes a slice, and notifies its watches. */
    put(name: string, slice: FakeSlice): void {
      const known = slices.has(name);
      const object = { ...slice, metadata: { name, resourceVersion: `${++version}` } };
      slices.set(name, object);
      send(known ? "MODIFIED" : "ADDED", object);
    },
    remove(name: string): void {
      const slice = slices.get(name);
      slices.delete(name);
      send("DELETED", { ...slice, metadata: { name, resourceVersion: `${++version}` } });
    },
    /** Changes a slice without an event, as when a watch has been cut off. */
    putUnseen(name: string, slice: FakeSlice): void {
      slices.set(name, { ...slice, metadata: { name, resourceVersion: `${++version}` } });
    },
    removeUnseen: (name: string) => void slices.delete(name),
    /** Ends watches as the server does after a time. */
    endWatches(): void {
      for (const response of watches) response.end();
    },
    /** Makes the versions of open watches too old. */
    forget(): void {
      send("ERROR", { kind: "Status", code: 410, reason: "Expired" });
      for (const response of watches) response.end();
    },
    /** Responds to each request with this status, and ends watches; undefined restores it. */
    refuse(status: number | undefined): void {
      refusal = status;
      if (status !== undefined) for (const response of watches) response.destroy();
    },
    async stop(): Promise<void> {
      server.close();
      server.closeAllConnections();
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
      await rm(folder, { recursive: true });
    },
  };
}

function kubeconfig(server: string): string {
  const clusters = [{ name: "fake", cluster: { server, "insecure-skip-tls-verify": true } }];
  const contexts = [{ name: "fake", context: { cluster: "fake", user: "me" } }];
  return JSON.stringify({ clusters, contexts, users: [{ name: "me" }], "current-context": "fake" });
}

/** Returns a slice of ready pods at these addresses, with the ports grpc and metrics. */
export function readySlice(addresses: readonly string[], grpc = 50051): FakeSlice {
  return {
    addressType: "IPv4",
    ports: [
      { name: "grpc", port: grpc },
      { name: "metrics", port: 9090 },
    ],
    endpoints: addresses.map((address) => ({
      addresses: [address],
      conditions: { ready: true },
      targetRef: { uid: `${address}:${grpc}` },
    })),
  };
}
