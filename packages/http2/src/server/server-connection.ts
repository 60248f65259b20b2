import type { Socket } from "node:net";
import { Connection } from "../connection/connection.ts";
import { requestProblem } from "../connection/fields.ts";
import { keepAlive } from "../connection/keep-alive.ts";
import type { Fields, HeaderBlock } from "../hpack/decoder.ts";
import { ERROR, Http2Error, MAX_31_BITS, SETTING } from "../protocol.ts";
import { OpenedStreams } from "./opened-streams.ts";
import { ServerStream } from "./server-stream.ts";

/** The limits of each connection of a server. */
export interface ServerSettings {
  /** Streams at a time, those included whose client has left and whose handler works. */
  readonly maxConcurrentStreams: number;
  /** The most bytes of a request message. */
  readonly maxMessageBytes: number;
  /** How often a silent client is pinged, in milliseconds. */
  readonly keepAliveMs: number;
  readonly keepAliveTimeoutMs: number;
}

/** Receives a request once its head has arrived, and sets its receiver. */
export type OnRequest = (stream: ServerStream) => void;

const indexed = {
  ":status": "value",
  "content-type": "value",
  "grpc-status": "value",
  "grpc-encoding": "value",
} as const;
const MAX_HEADER_LIST_SIZE = 16_384;
/** The most bytes of incomplete messages on one connection. */
const MAX_HELD = 64 * 2 ** 20;
/** How long a client may take to notice that it should send no more requests. */
const GOAWAY_MS = 1_000;

/** A connection of a client. */
export class ServerConnection extends Connection<ServerStream> {
  readonly maxMessageBytes: number;
  readonly #maxStreams: number;
  readonly #onRequest: OnRequest;
  readonly #onClosed: () => void;
  readonly #opened = new OpenedStreams();
  readonly #stopKeepAlive: () => void;
  /** Requests whose handler works. */
  #running = 0;
  #isDraining = false;
  /** The last stream that is served, once the client knows. */
  #lastServed = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, settings: ServerSettings, onRequest: OnRequest, onClosed: () => void) {
    const link = { isServer: true, indexed, maxHeaderListSize: MAX_HEADER_LIST_SIZE };
    super(socket, link, [[SETTING.maxConcurrentStreams, settings.maxConcurrentStreams]]);
    this.maxMessageBytes = settings.maxMessageBytes;
    this.#maxStreams = settings.maxConcurrentStreams;
    this.#onRequest = onRequest;
    this.#onClosed = onClosed;
    this.#stopKeepAlive = keepAlive(this.link, () => true, settings.keepAliveMs, settings.keepAliveTimeoutMs);
  }

  protected override get lastProcessed(): number {
    return this.#opened.last;
  }

  /** Asks the client to send no more requests, finishes those that it has sent, and ends the connection (RFC 9113, section 6.8). */
  drain(): void {
    if (this.#isDraining || this.link.isOver) return;
    this.#isDraining = true;
    this.link.writer.goaway(MAX_31_BITS, ERROR.none, "");
    let isDone = false;
    const stop = () => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      this.#stopServing();
    };
    const timer = setTimeout(stop, GOAWAY_MS);
    this.link.ping(stop);
  }

  sendHead(stream: ServerStream, fields: Fields): void {
    if (this.isOpen(stream)) this.link.writer.headers(stream.id, fields, false);
  }

  sendText(stream: ServerStream, text: string): void {
    if (!this.isOpen(stream)) return;
    stream.isEnding = true;
    this.queue.text(stream, text);
  }

  /** Ends a stream whose response is sent. A client that is still sending receives a reset, because no more data is needed. */
  responded(stream: ServerStream): void {
    if (stream.remoteEnded) this.forget(stream);
    else this.reset(stream, ERROR.none);
  }

  /** A handler has ended. */
  stopped(): void {
    this.#running--;
  }

  /** Refuses a stream when too much of incomplete messages is in memory. */
  checkHeld(stream: ServerStream): void {
    if (stream.held < MAX_HELD / this.#maxStreams) return;
    let held = 0;
    for (const each of this.streams.values()) held += each.held;
    if (held > MAX_HELD) throw new Http2Error(ERROR.enhanceYourCalm, "Too much waits to be complete.", stream.id);
  }

  override reset(stream: ServerStream, code: number): void {
    this.#opened.noteReset(stream.id);
    super.reset(stream, code);
  }

  override onError(error: Http2Error): void {
    if (error.stream !== 0) this.#opened.noteReset(error.stream);
    super.onError(error);
  }

  override onReset(id: number, code: number): void {
    const isWasted = this.streams.get(id)?.hasHead === false;
    super.onReset(id, code);
    if (isWasted) this.limits.countStream();
  }

  override forget(stream: ServerStream): void {
    super.forget(stream);
    this.#endIfUnused();
  }

  override onGoaway(): void {
    this.limits.countFrame();
  }

  protected override onReady(): void {}

  protected override onMaxConcurrentStreams(): void {}

  protected override isIdle(id: number): boolean {
    return id % 2 === 0 || id > this.#opened.last;
  }

  protected override onClosedStream(id: number): void {
    if (this.#opened.wasReset(id) || id > this.#lastServed) return;
    throw new Http2Error(ERROR.streamClosed, "A frame follows the end of its stream.", id);
  }

  protected override onNewHeaders(id: number, block: HeaderBlock, isEnd: boolean): void {
    if (id % 2 === 0 || this.#opened.isSkipped(id))
      throw new Http2Error(ERROR.protocol, `Stream ${id} is not allowed.`);
    if (id <= this.#opened.last) {
      if (this.#opened.wasReset(id) || id > this.#lastServed) return;
      throw new Http2Error(ERROR.streamClosed, `HEADERS follows the end of stream ${id}.`);
    }
    this.#opened.open(id);
    if (id > this.#lastServed) return;
    const problem = block.tooLarge ? undefined : requestProblem(block.fields);
    if (problem !== undefined) throw new Http2Error(ERROR.protocol, problem, id);
    if (this.#running >= this.#maxStreams) throw new Http2Error(ERROR.refusedStream, "Too many streams are open.", id);
    const stream = new ServerStream(id, this.queue.initialWindow, this, block);
    this.#running++;
    this.streams.set(id, stream);
    stream.remoteEnded = isEnd;
    this.#onRequest(stream);
    if (isEnd) stream.requestEnded();
  }

  protected override onEnded(): void {
    this.#stopKeepAlive();
    this.#onClosed();
  }

  #stopServing(): void {
    if (this.link.isOver) return;
    this.#lastServed = this.#opened.last;
    this.link.writer.goaway(this.#lastServed, ERROR.none, "");
    this.#endIfUnused();
  }

  #endIfUnused(): void {
    if (this.#lastServed !== Number.POSITIVE_INFINITY && this.streams.size === 0) this.link.end();
  }
}
