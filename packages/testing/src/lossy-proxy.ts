import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A proxy on the loopback interface. */
export interface LossyProxy {
  readonly port: number;
  /** Ends connections instead of forwarding the server's data from now on. The clients' data still arrives. */
  loseResponses(): void;
  /** Passes everything on again. */
  passResponses(): void;
  /** Ends all connections. */
  stop(): Promise<void>;
}

/** Starts a proxy to a port of this machine that can lose the responses of the server, such as the one to COMMIT. */
export async function startLossyProxy(port: number): Promise<LossyProxy> {
  const sockets = new Set<Socket>();
  let loses = false;
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    client.pipe(upstream);
    upstream.on("data", (data) => void (loses ? client.destroy() : client.write(data)));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    loseResponses: () => {
      loses = true;
    },
    passResponses: () => {
      loses = false;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
