import type { WebSocket } from "ws";

/** Pings the client and gives up on one that has not answered by the next ping. While nothing is read from it, it cannot. */
export function keepAlive(socket: WebSocket, everyMs: number): Disposable {
  let alive = true;
  socket.on("pong", () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive && !socket.isPaused) return socket.terminate();
    alive = socket.isPaused;
    socket.ping();
  }, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
