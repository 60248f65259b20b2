import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP proxy whose connections a test can cut and restore. */
export interface TcpProxy {
  /** The address of its listener. */
  readonly address: string;
  /** Sets the local port that it connects to. */
  forwardTo(port: number): void;
  /** Drops all connections and accepts no new ones. */
  cut(): Promise<void>;
  /** Listens again. */
  restore(): Promise<void>;
}

/** Starts a proxy; set its target by `forwardTo`. */
export async function startTcpProxy(): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let target = 0;
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on("error", () => {})
        .once("close", () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
    }
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    forwardTo: (to) => (target = to),
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async restore() {
      await once(server.listen(port, "127.0.0.1"), "listening");
    },
  };
}
