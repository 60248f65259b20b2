import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { Status } from "../problems/code.ts";
import type { Problem } from "../problems/problem.ts";
import { RpcError } from "../problems/rpc-error.ts";
import type { Exchange } from "../request/exchange.ts";

/**
 * The codes that the gateway closes a WebSocket with, in addition to those that RFC 6455 prescribes: 1007 for text that is not
 * UTF-8 and 1009 for a message over the limit. Any status of gRPC but OK is 4000 and its number.
 */
export const CloseCode = { ok: 1000, binaryRefused: 1003, statusBase: 4000 } as const;

const utf8 = new TextEncoder();

/** The status in words, `NOT_FOUND BOOK_NOT_FOUND: …`, cut to the limit of a close frame: 123 bytes. */
export function closeReason({ code, reason, detail, errors }: Problem): string {
  const pointer = errors?.[0]?.pointer;
  const name = reason === undefined || reason === code ? code : `${code} ${reason}`;
  const text = `${name}${pointer === undefined || pointer === "" ? "" : ` at ${pointer}`}: ${detail}`;
  const { read } = utf8.encodeInto(text, new Uint8Array(123));
  return text.slice(0, read);
}

/** Frames that wait to be taken before the socket is no longer read. */
const enough = 16;

/**
 * Yields the text frames of a WebSocket, read as fast as they are consumed. An empty frame ends the client's messages. A binary frame or a
 * close frame ends the call.
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

/** Pings the client and disconnects one that has sent nothing since the last ping. Without a reader, no pong can arrive. */
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
