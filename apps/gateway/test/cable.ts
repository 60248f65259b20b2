import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A stretch of network that can be cut and mended. */
export interface Cable {
  /** Where it begins. */
  readonly address: string;
  /** The port of this machine where it ends. */
  lead(port: number): void;
  /** Drops all connections and takes no new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** Lays a cable that leads nowhere yet. */
export async function layCable(): Promise<Cable> {
  const sockets = new Set<Socket>();
  let end = 0;
  const server = createServer((near) => {
    const far = connect(end, "127.0.0.1");
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
    lead: (to) => (end = to),
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async mend() {
      await once(server.listen(port, "127.0.0.1"), "listening");
    },
  };
}
