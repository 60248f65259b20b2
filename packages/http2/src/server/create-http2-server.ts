import { createServer as createTcpServer, type Server, Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { READ_BUFFER } from "../connection/input.ts";
import { type OnRequest, ServerConnection, type ServerSettings } from "./server-connection.ts";

/** How a server is made. */
export interface Http2ServerOptions extends ServerSettings {
  /** With it, connections use TLS and have to select `h2` by ALPN. */
  readonly tls?: TlsOptions;
  /** Connections older than this, give or take a tenth, get no more requests, in milliseconds. Default: never. */
  readonly maxConnectionAgeMs?: number | undefined;
}

/** A server of HTTP/2 for calls of gRPC. */
export interface Http2Server {
  /** Binds and serves; port 0 takes a free one. Resolves to the port. */
  listen(host: string, port: number): Promise<number>;
  /** Accepts no more connections and requests. Resolves when the last request has ended. */
  drain(): Promise<void>;
  /** Ends all connections at once. */
  destroy(): void;
}

/** How long a client may take to send its first SETTINGS. */
const PREFACE_MS = 10_000;

/** Creates a server that calls `onRequest` for each request. Clients must use HTTP/2 with prior knowledge, or select it by ALPN. */
export function createHttp2Server(options: Http2ServerOptions, onRequest: OnRequest): Http2Server {
  const connections = new Set<ServerConnection>();

  function accept(socket: Socket): ServerConnection {
    const connection = new ServerConnection(socket, options, onRequest, () => {
      connections.delete(connection);
      clearTimeout(age);
    });
    connections.add(connection);
    const { maxConnectionAgeMs } = options;
    const ageMs = maxConnectionAgeMs && maxConnectionAgeMs * (0.9 + Math.random() * 0.2);
    const age = ageMs ? setTimeout(() => connection.drain(), ageMs).unref() : undefined;
    const late = setTimeout(() => connection.isReady || connection.link.destroy(), PREFACE_MS).unref();
    socket.once("close", () => clearTimeout(late));
    return connection;
  }
  const { tls } = options;
  const server: Server =
    tls === undefined
      ? createTcpServer({ noDelay: true, pauseOnConnect: true }, (socket) => serveShared(socket, accept))
      : createTlsServer({ ...tls, ALPNProtocols: ["h2"] }, (socket) => serveTls(socket, accept));

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host, port, backlog: 1_024 }, () => {
          server.off("error", reject);
          const address = server.address();
          resolve(typeof address === "object" && address !== null ? address.port : port);
        });
      }),
    drain() {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.drain();
      return ended;
    },
    destroy() {
      for (const connection of connections) connection.link.destroy();
    },
  };
}

/**
 * Moves a connection to a socket that reads into the shared buffer: Node.js offers that to clients only. `accepted` lives as long as the
 * connection, for its server counts it.
 */
function serveShared(accepted: Socket, accept: (socket: Socket) => ServerConnection): void {
  const owner = accepted as unknown as { _handle: unknown };
  const handle = owner._handle;
  owner._handle = null;
  let connection: ServerConnection | undefined;
  const onread = {
    buffer: READ_BUFFER,
    callback(size: number): boolean {
      connection?.receive(size);
      return true;
    },
  };
  const socket = new Socket({ handle, onread } as ConstructorParameters<typeof Socket>[0]);
  connection = accept(socket);
  socket.once("close", () => accepted.destroy());
  socket.resume();
}

function serveTls(socket: TLSSocket, accept: (socket: Socket) => ServerConnection): void {
  if (socket.alpnProtocol !== "h2") {
    socket.destroy();
    return;
  }
  const connection = accept(socket.setNoDelay(true));
  socket.on("data", (chunk: Buffer) => connection.receive(0, chunk));
}
