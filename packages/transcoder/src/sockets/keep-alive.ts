import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/** Pings the client and gives up on one that has sent nothing since the last ping. Without a reader, no pong can arrive. */
export function keepAlive(socket: WebSocket, connection: Socket, everyMs: number): Disposable {
  let read = -1;
  const timer = setInterval(() => {
    const isSilent = connection.bytesRead === read;
    if (isSilent && !socket.isPaused) return socket.terminate();
    read = socket.isPaused ? -1 : connection.bytesRead;
    socket.ping();
  }, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
