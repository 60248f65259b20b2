import type { Socket } from "node:net";
import { Connection } from "../connection/connection.ts";
import { keepAlive } from "../connection/keep-alive.ts";
import type { Fields, HeaderBlock } from "../hpack/decoder.ts";
import type { IndexPolicy } from "../hpack/encoder.ts";
import { ERROR, Http2Error, SETTING } from "../protocol.ts";
import { ClientStream, type ResponseReceiver } from "./client-stream.ts";

/** The events of a connection of a client. */
export interface ClientEvents {
  /** It accepts requests: the peer has sent its settings. */
  onReady(): void;
  /** A stream has ended, or the peer allows more of them. */
  onFree(): void;
  /** The connection accepts no more requests. Called once. `calm` is true if the peer reported too many pings. */
  onLost(cause: Error | undefined, calm: boolean): void;
}

/** How a client connects. */
export interface ClientOptions {
  /** The most bytes of a response message. */
  readonly maxMessageBytes: number;
  /** How often a silent peer is pinged while requests wait, in milliseconds. */
  readonly keepAliveMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Names that enter the table of the peer, in addition to those of gRPC. Default: none. */
  readonly indexed?: IndexPolicy;
  /** The id of the first stream. Default: 1. */
  readonly firstStream?: number;
}

/** The fields of gRPC that are worth an entry in the table of the peer. */
const indexed = {
  ":authority": "value",
  ":path": "value",
  "content-type": "value",
  te: "value",
  "user-agent": "value",
  "grpc-accept-encoding": "value",
  "grpc-timeout": "name",
} as const;

/** The connection ends well before the ids of streams do (RFC 9113, section 5.1.1). */
const LAST_STREAM = 2 ** 31 - 101;
const MAX_HEADER_LIST_SIZE = 32_768;

/** A connection that makes requests. */
export class ClientConnection extends Connection<ClientStream> {
  readonly #events: ClientEvents;
  readonly #maxMessageBytes: number;
  readonly #stopKeepAlive: () => void;
  #next: number;
  #mostStreams = Number.POSITIVE_INFINITY;
  #isLost = false;
  #isCalm = false;
  /** The last stream that the peer processes. */
  #lastStream = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, options: ClientOptions, events: ClientEvents) {
    const link = {
      isServer: false,
      indexed: { ...indexed, ...options.indexed },
      maxHeaderListSize: MAX_HEADER_LIST_SIZE,
    };
    super(socket, link, [[SETTING.enablePush, 0]]);
    this.#events = events;
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#next = options.firstStream ?? 1;
    const isNeeded = () => this.streams.size > 0;
    this.#stopKeepAlive = keepAlive(this.link, isNeeded, options.keepAliveMs, options.keepAliveTimeoutMs);
  }

  /** Whether the peer allows no more streams for now. */
  get isFull(): boolean {
    return !this.isReady || this.streams.size >= this.#mostStreams;
  }

  /** Whether it accepts no more requests at all. */
  get isLost(): boolean {
    return this.#isLost || this.link.isOver;
  }

  protected override get lastProcessed(): number {
    return 0; // A server opens no streams.
  }

  /** Sends a request with one message of gRPC. @throws TypeError when HTTP/2 forbids a name or a value */
  request(fields: Fields, message: Uint8Array, receiver: ResponseReceiver): ClientStream {
    const id = this.#next;
    if (this.link.isOver) throw new Error("The connection has ended.");
    this.link.writer.headers(id, fields, false);
    this.#next += 2;
    const stream = new ClientStream(id, this.queue.initialWindow, this, receiver, this.#maxMessageBytes);
    this.streams.set(id, stream);
    this.send(stream, message, true);
    if (this.#next > LAST_STREAM) this.#lose(new Error("The connection has no more streams."));
    return stream;
  }

  /** Accepts no more requests, and ends with the last one. */
  close(): void {
    this.#lose(undefined);
    this.#endIfUnused();
  }

  /** Removes a stream whose response is complete. The rest of the request is not sent. */
  responded(stream: ClientStream): void {
    if (stream.waiting === undefined) this.forget(stream);
    else this.reset(stream, ERROR.cancel);
  }

  override forget(stream: ClientStream): void {
    super.forget(stream);
    if (this.#isLost) this.#endIfUnused();
    else if (this.streams.size === this.#mostStreams - 1) this.#events.onFree();
  }

  override onGoaway(lastStream: number, code: number): void {
    this.#isCalm = code === ERROR.enhanceYourCalm;
    this.#lastStream = Math.min(this.#lastStream, lastStream);
    this.#lose(new Error(`The peer sent GOAWAY with code ${code}.`));
    for (const stream of [...this.streams.values()]) {
      if (stream.id <= this.#lastStream) continue;
      this.forget(stream);
      stream.onClosed({ code: undefined, unprocessed: true });
    }
    // A peer that reports an error sends no more responses; one that goes away does.
    if (code === ERROR.none) this.#endIfUnused();
    else this.link.destroy(new Error(`The peer sent GOAWAY with code ${code}.`));
  }

  protected override onReady(): void {
    this.#events.onReady();
  }

  protected override onMaxConcurrentStreams(count: number): void {
    const isMore = count > this.#mostStreams;
    this.#mostStreams = count;
    if (isMore) this.#events.onFree();
  }

  protected override onNewHeaders(id: number, _block: HeaderBlock): void {
    if (this.isIdle(id)) throw new Http2Error(ERROR.protocol, `The server opened stream ${id}.`);
  }

  protected override isIdle(id: number): boolean {
    return id % 2 === 0 || id >= this.#next;
  }

  /** The response to a request that was cancelled or has failed. */
  protected override onClosedStream(): void {}

  protected override onEnded(): void {
    this.#stopKeepAlive();
    this.#lose(this.link.failure);
  }

  #lose(cause: Error | undefined): void {
    if (this.#isLost) return;
    this.#isLost = true;
    // Sent at once: a peer that has sent GOAWAY itself may read no more once its streams have ended.
    if (!this.link.isOver) this.link.writer.goaway(0, ERROR.none, "");
    this.#events.onLost(cause, this.#isCalm);
  }

  #endIfUnused(): void {
    if (this.streams.size > 0 || this.link.isOver) return;
    this.link.end();
  }
}
