import { fieldOf, trailersProblem } from "../connection/fields.ts";
import { MessageAssembler, type MessageProblem } from "../connection/message-assembler.ts";
import { Stream, type StreamEnd } from "../connection/stream.ts";
import type { Fields, HeaderBlock } from "../hpack/decoder.ts";
import { ERROR, Http2Error } from "../protocol.ts";
import type { ServerConnection } from "./server-connection.ts";

/** Receives the rest of a request after its head. No call follows `onCancelled`. */
export interface RequestReceiver {
  /** Receives a message, in a separate buffer. */
  onMessage(message: Buffer, isCompressed: boolean): void;
  /** The request is complete. */
  onEnd(): void;
  /** The request is no message of gRPC. The receiver responds with a status. */
  onProblem(problem: MessageProblem | "truncated"): void;
  /** The client gave up, or the connection ended. */
  onCancelled(): void;
}

/** One request of a client, and the response to it. */
export class ServerStream extends Stream {
  /** The head of the request. */
  readonly fields: Fields;
  /** Whether the fields of the request are larger than the server accepts; some are missing then. */
  readonly fieldsTooLarge: boolean;
  readonly #connection: ServerConnection;
  readonly #assembler: MessageAssembler;
  /** Bytes of the body that content-length announces and that have not come. */
  #missing: number;
  #receiver: RequestReceiver | undefined;
  #hasHead = false;
  #isOver = false;
  #isSkipping = false;
  #hasStopped = false;
  #drained: (() => void) | undefined;

  constructor(id: number, window: number, connection: ServerConnection, { fields, tooLarge }: HeaderBlock) {
    super(id, window);
    this.#connection = connection;
    this.#assembler = new MessageAssembler(connection.maxMessageBytes);
    this.fields = fields;
    this.fieldsTooLarge = tooLarge;
    const length = fieldOf(fields, "content-length");
    this.#missing = length === undefined ? Number.NaN : Number(length);
  }

  /** Whether the client gave up, or the response is complete. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the head of the response was sent. */
  get hasHead(): boolean {
    return this.#hasHead;
  }

  /** Bytes that arrived and are not part of a message yet. */
  get held(): number {
    return this.#assembler.size;
  }

  /** Whether DATA waits for the client. */
  get isFull(): boolean {
    return this.waiting !== undefined;
  }

  /** Sets the receiver of the rest of the request. */
  receive(receiver: RequestReceiver): void {
    this.#receiver = receiver;
  }

  /** Sends the head of the response. @throws TypeError when HTTP/2 forbids a name or a value */
  head(fields: Fields): void {
    if (this.#isOver) return;
    this.#connection.sendHead(this, fields);
    this.#hasHead = true;
  }

  /** Sends a message of gRPC. Returns whether the client takes more at once; {@link onceDrained} reports when it does. */
  message(message: Uint8Array): boolean {
    if (!this.#isOver) this.#connection.send(this, message, false);
    return !this.isFull;
  }

  /** Calls back once, when nothing waits for the client any longer or the stream is over. */
  onceDrained(drained: () => void): void {
    if (this.isFull && !this.#isOver) this.#drained = drained;
    else drained();
  }

  /** Ends the response with trailers. Fields of a head come first when none was sent. @throws TypeError when HTTP/2 forbids a name or a value */
  end(fields: Fields): void {
    if (this.#isOver) return;
    this.#connection.sendTrailers(this, fields);
    this.#isOver = true;
  }

  /** Ends the response with a text. */
  text(head: Fields, text: string): void {
    if (this.#isOver) return;
    this.#connection.sendHead(this, head);
    this.#connection.sendText(this, text);
    this.#hasHead = true;
    this.#isOver = true;
  }

  /** Records that the handler has finished the request, which frees its slot. */
  stop(): void {
    if (this.#hasStopped) return;
    this.#hasStopped = true;
    this.#connection.stopped();
  }

  override onHeaders({ fields }: HeaderBlock, isEnd: boolean): void {
    const problem = isEnd ? trailersProblem(fields) : "Trailers do not end their stream.";
    if (problem !== undefined) throw new Http2Error(ERROR.protocol, problem, this.id);
    this.requestEnded();
  }

  override onData(bytes: Buffer, from: number, to: number, isEnd: boolean): void {
    this.#missing -= to - from;
    if (this.#missing < 0) throw new Http2Error(ERROR.protocol, "The body is longer than content-length.", this.id);
    if (!this.#isSkipping && !this.#isOver) {
      if (this.#assembler.size === 0) this.#connection.view(this);
      this.#take(this.#assembler.add(bytes, from, to));
      this.#connection.checkHeld(this);
    }
    if (isEnd) this.requestEnded();
  }

  /** Receives the end of the request. */
  requestEnded(): void {
    if (this.#missing > 0) throw new Http2Error(ERROR.protocol, "The body is shorter than content-length.", this.id);
    if (this.#isSkipping || this.#isOver) return;
    if (this.#assembler.size > 0) {
      this.#skip("truncated");
      return;
    }
    this.#receiver?.onEnd();
  }

  override onClosed(_end: StreamEnd): void {
    this.#assembler.release();
    if (!this.#isOver) {
      this.#isOver = true;
      this.#receiver?.onCancelled();
    }
    this.#callDrained();
  }

  override onReadOver(): void {
    this.#assembler.own();
  }

  override sent(): void {
    if (this.isEnding) this.#connection.responded(this);
    this.#callDrained();
  }

  #take(first: MessageProblem | undefined): void {
    let problem = first;
    while (problem === undefined && this.#assembler.isComplete) {
      const { isCompressed, message } = this.#assembler;
      const own = Buffer.allocUnsafe(message.length);
      message.copy(own);
      problem = this.#assembler.shift();
      this.#receiver?.onMessage(own, isCompressed);
      if (this.#isOver) {
        this.#assembler.release();
        return;
      }
    }
    if (problem !== undefined) this.#skip(problem);
  }

  /** Ignores the rest of the request. */
  #skip(problem: MessageProblem | "truncated"): void {
    this.#isSkipping = true;
    this.#assembler.release();
    this.#receiver?.onProblem(problem);
  }

  #callDrained(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.();
  }
}
