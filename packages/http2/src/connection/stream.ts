import type { HeaderBlock } from "../hpack/decoder.ts";
import type { SendingStream, WaitingBody } from "./send-queue.ts";

/** How a stream ended before both sides had sent everything. */
export interface StreamEnd {
  /** The code of RST_STREAM; undefined when the connection ended. */
  readonly code: number | undefined;
  /** Whether the peer guarantees that it has not begun to process the stream (RFC 9113, section 8.7). */
  readonly unprocessed: boolean;
}

/** One stream of a connection. */
export abstract class Stream implements SendingStream {
  readonly id: number;
  sendWindow: number;
  waiting: WaitingBody | undefined;
  /** Whether the end of this side is sent, or waits behind the body. */
  isEnding = false;
  /** Whether the peer has sent END_STREAM. */
  remoteEnded = false;
  /** Received bytes that no WINDOW_UPDATE has given back. */
  uncredited = 0;

  constructor(id: number, sendWindow: number) {
    this.id = id;
    this.sendWindow = sendWindow;
  }

  /** Receives headers, or trailers when headers came before. */
  abstract onHeaders(block: HeaderBlock, isEnd: boolean): void;
  /** Receives a part of the body, which is valid until the call returns. */
  abstract onData(bytes: Buffer, from: number, to: number, isEnd: boolean): void;
  /** Called when the peer or the connection ends the stream. Called at most once, and never after the stream has ended normally. */
  abstract onClosed(end: StreamEnd): void;
  /** Called when the read that delivered data ends: bytes that were not copied are invalid afterwards. */
  abstract onReadOver(): void;
  /** Called when nothing waits to be sent any longer. */
  abstract sent(): void;
}
