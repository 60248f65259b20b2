import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { READ_BUFFER } from "../connection/input.ts";
import { ClientConnection, type ClientEvents, type ClientOptions } from "./client-connection.ts";

/** Where a client connects. */
export interface ConnectOptions extends ClientOptions {
  readonly host: string;
  readonly port: number;
  /** With it, the connection uses TLS and the server has to select `h2` by ALPN. */
  readonly tls?: ConnectionOptions;
  /** How long connecting and the first SETTINGS of the peer may take, in milliseconds. */
  readonly connectMs: number;
}

/** Connects to a server of HTTP/2. Requests are possible from `onReady` on. The socket alone does not keep the process running. */
export function connectHttp2(options: ConnectOptions, events: ClientEvents): ClientConnection {
  const { host, port, tls, connectMs } = options;
  let connection: ClientConnection | undefined;
  const onread = {
    buffer: READ_BUFFER,
    callback(size: number): boolean {
      connection?.receive(size);
      return true;
    },
  };
  const socket: Socket | TLSSocket =
    tls === undefined
      ? connectTcp({ host, port, noDelay: true, onread })
      : connectTls({ servername: host, ...tls, host, port, onread, ALPNProtocols: ["h2"] } as ConnectionOptions);
  const slow = setTimeout(() => opened.link.destroy(new Error("Connecting took too long.")), connectMs);
  const opened = new ClientConnection(socket, options, {
    ...{ onFree: () => events.onFree(), onLost: (cause, calm) => events.onLost(cause, calm) },
    onReady() {
      clearTimeout(slow);
      events.onReady();
    },
  });
  connection = opened;
  socket.once("close", () => clearTimeout(slow)).unref();
  if ("alpnProtocol" in socket)
    socket.setNoDelay(true).once("secureConnect", () => {
      if (socket.alpnProtocol !== "h2") opened.link.destroy(new Error("The server did not select h2 by ALPN."));
    });
  socket.resume();
  return opened;
}
