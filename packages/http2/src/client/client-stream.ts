import { fieldOf, responseProblem, trailersProblem } from "../connection/fields.ts";
import { MessageAssembler, type MessageProblem } from "../connection/message-assembler.ts";
import { Stream, type StreamEnd } from "../connection/stream.ts";
import type { Fields, HeaderBlock } from "../hpack/decoder.ts";
import { ERROR, Http2Error } from "../protocol.ts";
import type { ClientConnection } from "./client-connection.ts";

/** A response that has ended as HTTP/2 has it. */
export interface Response {
  /** The fields of the head; those of the trailers too when the response has nothing else. */
  readonly head: Fields;
  /** Undefined when the response ended without trailers. */
  readonly trailers: Fields | undefined;
  /** The first message, valid until the callback returns; undefined if it is missing or truncated. */
  readonly message: Buffer | undefined;
  readonly isCompressed: boolean;
  /** Whether the body ends in the middle of a message. */
  readonly isTruncated: boolean;
  /** Whether there is more than one message. */
  readonly hasMore: boolean;
}

/** Receives the one outcome of a request. */
export interface ResponseReceiver {
  onResponse(response: Response): void;
  /** The response is no message of gRPC, or its fields are too large. The stream is reset. */
  onProblem(problem: MessageProblem | "fields too large"): void;
  /** The stream ended before the response was complete. `began` is true if the head had arrived. */
  onClosed(end: StreamEnd, began: boolean): void;
}

/** One request and its response. */
export class ClientStream extends Stream {
  readonly #connection: ClientConnection;
  readonly #receiver: ResponseReceiver;
  readonly #assembler: MessageAssembler;
  #head: Fields | undefined;
  #isPage = false;

  constructor(id: number, window: number, connection: ClientConnection, receiver: ResponseReceiver, limit: number) {
    super(id, window);
    this.#connection = connection;
    this.#receiver = receiver;
    this.#assembler = new MessageAssembler(limit);
  }

  /** Cancels the request. The receiver is not called. */
  cancel(): void {
    this.#connection.reset(this, ERROR.cancel);
    this.#assembler.release();
  }

  override onHeaders({ fields, tooLarge }: HeaderBlock, isEnd: boolean): void {
    if (tooLarge) {
      this.#problem("fields too large");
      return;
    }
    if (this.#head !== undefined) {
      const problem = isEnd ? trailersProblem(fields) : "Trailers do not end their stream.";
      if (problem !== undefined) throw new Http2Error(ERROR.protocol, problem, this.id);
      this.#respond(fields);
      return;
    }
    const problem = responseProblem(fields);
    if (problem !== undefined) throw new Http2Error(ERROR.protocol, problem, this.id);
    const status = fieldOf(fields, ":status");
    if (status?.startsWith("1")) {
      if (isEnd) throw new Http2Error(ERROR.protocol, "An informational response ends its stream.", this.id);
      return;
    }
    this.#head = fields;
    this.#isPage = status !== "200";
    if (isEnd) this.#respond(fields);
  }

  override onData(bytes: Buffer, from: number, to: number, isEnd: boolean): void {
    if (this.#head === undefined) throw new Http2Error(ERROR.protocol, "DATA precedes the response.", this.id);
    if (!this.#isPage && from < to) {
      if (this.#assembler.size === 0) this.#connection.view(this);
      const problem = this.#assembler.add(bytes, from, to);
      if (problem !== undefined) {
        this.#problem(problem);
        return;
      }
    }
    if (isEnd) this.#respond(undefined);
  }

  override onClosed(end: StreamEnd): void {
    this.#assembler.release();
    this.#receiver.onClosed(end, this.#head !== undefined);
  }

  override onReadOver(): void {
    this.#assembler.own();
  }

  override sent(): void {}

  #respond(trailers: Fields | undefined): void {
    this.#connection.responded(this);
    const assembler = this.#assembler;
    const { isComplete, isCompressed, hasMore } = assembler;
    const message = isComplete ? assembler.message : undefined;
    const isTruncated = assembler.size > 0 && !isComplete;
    this.#receiver.onResponse({ head: this.#head ?? [], trailers, message, isCompressed, isTruncated, hasMore });
    assembler.release();
  }

  #problem(problem: MessageProblem | "fields too large"): void {
    this.cancel();
    this.#receiver.onProblem(problem);
  }
}
