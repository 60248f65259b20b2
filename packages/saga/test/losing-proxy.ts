import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A proxy in front of PostgreSQL that can lose the answer to a COMMIT: the server commits, and the client's connection breaks. */
export interface LosingProxy {
  readonly url: string;
  /** Loses the answer to the next COMMIT. Resolves when it has. */
  loseNextCommit(): Promise<void>;
  close(): Promise<void>;
}

export async function losingProxy(url: string): Promise<LosingProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let lost: PromiseWithResolvers<void> | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let losing = false;
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (data) => {
      if (lost !== undefined && data.includes("COMMIT")) losing = true;
      upstream.write(data);
    });
    upstream.on("data", (data) => {
      if (!losing) return void client.write(data);
      client.destroy();
      lost?.resolve();
      lost = undefined;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const through = new URL(url);
  through.hostname = "127.0.0.1";
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    loseNextCommit() {
      lost = Promise.withResolvers();
      return lost.promise;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
