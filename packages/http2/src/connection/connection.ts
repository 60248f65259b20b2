import type { Socket } from "node:net";
import type { Fields, HeaderBlock } from "../hpack/decoder.ts";
import { DEFAULT_WINDOW, ERROR, Http2Error, SETTING } from "../protocol.ts";
import type { FrameHandler } from "./frame-parser.ts";
import { Link, type LinkOptions } from "./link.ts";
import { PeerLimits, tooManyResets } from "./peer-limits.ts";
import { readSettings } from "./peer-settings.ts";
import { CONNECTION_WINDOW, credit, STREAM_WINDOW } from "./receive-window.ts";
import { SendQueue } from "./send-queue.ts";
import type { Stream, StreamEnd } from "./stream.ts";

/** The common part of client and server: SETTINGS, PING, flow control, errors (RFC 9113). */
export abstract class Connection<S extends Stream> implements FrameHandler {
  readonly streams = new Map<number, S>();
  readonly link: Link;
  /** Whether the settings of the peer have arrived. */
  isReady = false;
  protected readonly queue: SendQueue;
  protected readonly limits: PeerLimits;
  /** Streams with a view of the bytes of the present read. */
  readonly #viewing: S[] = [];
  #uncredited = 0;
  readonly #setting = (key: number, value: number): void => {
    this.limits.countFrame();
    if (key === SETTING.headerTableSize) this.link.encoder.setLimit(value);
    else if (key === SETTING.maxConcurrentStreams) this.onMaxConcurrentStreams(value);
    else if (key === SETTING.initialWindowSize) this.queue.setInitialWindow(value, this.streams.values());
  };

  constructor(socket: Socket, options: LinkOptions, settings: readonly (readonly [number, number])[]) {
    this.link = new Link(socket, options, this, { beforeFlush: () => this.queue.pump(), ended: () => this.#ended() });
    const { output, writer } = this.link;
    this.queue = new SendQueue(output, writer);
    this.limits = new PeerLimits(output);
    if (!options.isServer) writer.preface();
    writer.settings([
      [SETTING.initialWindowSize, STREAM_WINDOW],
      [SETTING.maxHeaderListSize, options.maxHeaderListSize],
      ...settings,
    ]);
    writer.windowUpdate(0, CONNECTION_WINDOW - DEFAULT_WINDOW);
  }

  /** Receives the first SETTINGS of the peer. */
  protected abstract onReady(): void;
  /** The connection is closed, and all its streams are. */
  protected abstract onEnded(): void;
  protected abstract onMaxConcurrentStreams(count: number): void;
  /** Receives headers of a stream that is not open. */
  protected abstract onNewHeaders(id: number, block: HeaderBlock, isEnd: boolean): void;
  /** Returns whether a stream was never opened. */
  protected abstract isIdle(id: number): boolean;
  /** Receives a frame for a stream that has ended. */
  protected abstract onClosedStream(id: number): void;
  /** The last stream of the peer that was processed. */
  protected abstract get lastProcessed(): number;
  abstract onGoaway(lastStream: number, code: number): void;

  /** Receives `size` bytes in the shared buffer, or those of a chunk. */
  receive(size: number, chunk?: Buffer): void {
    this.link.receive(size, chunk);
    for (let stream = this.#viewing.pop(); stream !== undefined; stream = this.#viewing.pop()) stream.onReadOver();
  }

  /** Calls `onReadOver` of a stream at the end of the present read. */
  view(stream: S): void {
    this.#viewing.push(stream);
  }

  /** Sends a message of gRPC on a stream. */
  send(stream: S, message: Uint8Array, isEnd: boolean): void {
    if (!this.isOpen(stream)) return;
    stream.isEnding = isEnd;
    this.queue.message(stream, message, isEnd);
    if (stream.waiting === undefined) stream.sent();
  }

  /** Sends the last fields of a stream. @throws TypeError when HTTP/2 forbids a name or a value */
  sendTrailers(stream: S, fields: Fields): void {
    if (!this.isOpen(stream)) return;
    this.link.encoder.measure(fields);
    stream.isEnding = true;
    this.queue.trailers(stream, fields);
    if (stream.waiting === undefined) stream.sent();
  }

  /** Ends a stream by RST_STREAM. */
  reset(stream: S, code: number): void {
    if (!this.isOpen(stream)) return;
    this.forget(stream);
    this.link.writer.reset(stream.id, code);
  }

  /** Removes a stream. */
  forget(stream: S): void {
    this.streams.delete(stream.id);
    this.queue.drop(stream);
  }

  onError(error: Http2Error): void {
    if (error.stream === 0) this.#fail(error);
    else if (this.limits.mayFailStream()) this.#failStream(error.stream, error.code);
    else this.#fail(tooManyResets());
  }

  onData(id: number, bytes: Buffer, from: number, to: number, size: number, isEnd: boolean): void {
    this.#uncredited = credit(this.link.writer, 0, this.#uncredited + size, CONNECTION_WINDOW);
    if (from < to) this.limits.countContent();
    else if (!isEnd) this.limits.countFrame();
    const stream = this.streams.get(id);
    if (stream === undefined) {
      this.#refuseIdle(id);
      this.onClosedStream(id);
      return;
    }
    if (stream.remoteEnded) throw new Http2Error(ERROR.streamClosed, "DATA follows the end of its stream.", id);
    stream.remoteEnded = isEnd;
    stream.uncredited = credit(this.link.writer, id, stream.uncredited + size, STREAM_WINDOW, isEnd);
    stream.onData(bytes, from, to, isEnd);
  }

  onHeaders(id: number, bytes: Buffer, from: number, to: number, isEnd: boolean): void {
    const block = this.link.decoder.decode(bytes, from, to);
    this.limits.countContent();
    const stream = this.streams.get(id);
    if (stream === undefined) {
      this.onNewHeaders(id, block, isEnd);
      return;
    }
    if (stream.remoteEnded) throw new Http2Error(ERROR.streamClosed, "HEADERS follows the end of its stream.", id);
    stream.remoteEnded = isEnd;
    stream.onHeaders(block, isEnd);
  }

  onReset(id: number, code: number): void {
    this.limits.countFrame();
    const stream = this.streams.get(id);
    if (stream === undefined) {
      this.#refuseIdle(id);
      return;
    }
    this.#close(stream, { code, unprocessed: code === ERROR.refusedStream });
  }

  onIdleFrame(): void {
    this.limits.countFrame();
  }

  onSettings(bytes: Buffer, from: number, to: number): void {
    this.limits.countFrame();
    readSettings(bytes, from, to, this.#setting);
    this.link.writer.settingsAck();
    if (this.isReady) return;
    this.isReady = true;
    this.onReady();
  }

  onPing(bytes: Buffer, from: number, isAck: boolean): void {
    this.limits.countFrame();
    if (isAck) this.link.pong();
    else this.link.writer.ping(bytes, from, true);
  }

  onWindowUpdate(id: number, increment: number): void {
    this.limits.countIncrement(increment);
    if (id === 0) {
      this.queue.widen(increment);
      return;
    }
    const stream = this.streams.get(id);
    if (stream !== undefined) this.queue.widenStream(stream, increment);
    else this.#refuseIdle(id);
  }

  protected isOpen(stream: S): boolean {
    return !this.link.isOver && this.streams.get(stream.id) === stream;
  }

  #refuseIdle(id: number): void {
    if (this.isIdle(id)) throw new Http2Error(ERROR.protocol, `Stream ${id} is not open.`);
  }

  /** Ends the connection by GOAWAY. */
  #fail(error: Http2Error): void {
    this.link.failure ??= error;
    this.link.writer.goaway(this.lastProcessed, error.code, error.message);
    this.link.end();
    this.#closeAll();
  }

  #failStream(id: number, code: number): void {
    this.link.writer.reset(id, code);
    const stream = this.streams.get(id);
    if (stream !== undefined) this.#close(stream, { code, unprocessed: false });
  }

  #close(stream: S, end: StreamEnd): void {
    this.forget(stream);
    stream.onClosed(end);
  }

  #closeAll(): void {
    for (const stream of [...this.streams.values()]) this.#close(stream, { code: undefined, unprocessed: false });
  }

  #ended(): void {
    this.#closeAll();
    this.onEnded();
  }
}
