import type { WebSocket } from "ws";
import { Status } from "../problems/code.ts";
import { RpcError } from "../problems/rpc-error.ts";
import type { Exchange } from "../request/exchange.ts";
import { CloseCode } from "./close-code.ts";

/** Frames that wait to be taken before the socket is no longer read. */
const enough = 16;

/**
 * The text frames of a WebSocket, read as fast as they are taken. An empty one says that no more will come. A binary one
 * ends the call, and so does a close frame.
 */
export async function* readFrames(socket: WebSocket, { signal, abort }: Exchange): AsyncGenerator<Uint8Array> {
  const queue: Buffer[] = [];
  let wake = Promise.withResolvers<void>();
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (isBinary) {
      socket.close(CloseCode.binaryRefused, "Messages are text frames.");
      return abort(new RpcError(Status.INVALID_ARGUMENT, "A binary frame was sent."));
    }
    queue.push(data);
    if (queue.length >= enough) socket.pause();
    wake.resolve();
  });
  signal.addEventListener("abort", () => wake.resolve());
  for (;;) {
    signal.throwIfAborted();
    const frame = queue.shift();
    if (frame === undefined) {
      wake = Promise.withResolvers();
      if (socket.isPaused) socket.resume();
      await wake.promise;
    } else if (frame.length === 0) return;
    else yield frame;
  }
}
