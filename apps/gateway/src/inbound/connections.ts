import type { Server } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { isAnswering } from "./client-error.ts";

/** The connections of a server, those that became something else than HTTP among them. */
export interface Connections {
  /** Closes the connections that delay a closing server after a grace. Disposing it stops that. */
  endWithin(graceMs: number): Disposable;
  /** Resolves when all are closed, at the latest after that time. */
  gone(withinMs: number): Promise<void>;
}

/** Counts connections from now on. */
export function trackConnections(server: Server): Connections {
  const open = new Set<Socket>();
  const upgraded = new WeakSet<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.on("upgrade", (_request, socket) => upgraded.add(socket as Socket));

  function cut(which: (socket: Socket) => boolean): void {
    for (const socket of open) if (which(socket)) socket.destroy();
  }
  return {
    async gone(withinMs) {
      const deadline = performance.now() + withinMs;
      while (open.size > 0 && performance.now() < deadline) await delay(20);
    },
    endWithin(graceMs) {
      // Node.js treats a connection without a complete request as busy.
      const quiet = setTimeout(cut, Math.min(2_500, graceMs * 0.25), (socket: Socket) => {
        return !isAnswering(socket) && !upgraded.has(socket);
      });
      const all = setTimeout(cut, graceMs * 0.8, () => true);
      return {
        [Symbol.dispose]() {
          clearTimeout(quiet);
          clearTimeout(all);
        },
      };
    },
  };
}
