import { type DescMethod, fromBinary, type Message } from "@bufbuild/protobuf";
import type { FastifyRequest } from "fastify";
import type { Found } from "./routing/route-table.ts";

/** A request whose route is known and whose body is not read yet. */
export interface EdgeCall {
  /** The route and the words of the path. */
  readonly found: Found;
  /** The RPC. */
  readonly method: DescMethod;
  /** The HTTP request. */
  readonly request: FastifyRequest;
  /** Aborts with an `RpcError` when the client is gone or the deadline has passed. */
  readonly signal: AbortSignal;
  /** Ends the call: its signal aborts with this reason. */
  abort(reason: unknown): void;
  /** Ends the call with this reason at a time in milliseconds since the epoch, if it still runs. */
  endAt(at: number, reason: () => unknown): void;
}

/** A call of an RPC. */
export interface Call extends EdgeCall {
  /** The request, built from path, query and body. Where there is `encoded`, it is made when it is first read. */
  readonly message: Message;
  /** The request as an encoder writes it. Undefined once something has read the message, for that may change it. */
  readonly encoded?: Uint8Array | undefined;
  /** When the call must be over, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** Returns the call of a request whose bytes are known. */
export function encodedCall(call: EdgeCall, encoded: Uint8Array, deadline: number): Call {
  let message: Message | undefined;
  return {
    ...call,
    deadline,
    // First, so that a copy by spread makes the message before it would copy bytes that may change no more.
    get message() {
      message ??= fromBinary(call.method.input, encoded);
      return message;
    },
    get encoded() {
      return message === undefined ? encoded : undefined;
    },
  };
}

/** Returns a call with changes. Unlike a copy by spread it makes no message that nothing reads. */
export function changedCall<C extends Call>(call: C, changes: Partial<Call>): C {
  return Object.defineProperties({} as C, {
    ...Object.getOwnPropertyDescriptors(call),
    ...(changes.message && { encoded: { value: undefined, enumerable: true } }),
    ...Object.getOwnPropertyDescriptors(changes),
  });
}

/** A call of an RPC that takes a stream of messages. */
export interface StreamCall extends EdgeCall {
  /**
   * The messages, read from the client only as fast as they are taken. What is wrong with one of them is thrown here and
   * aborts the call's signal.
   */
  readonly messages: AsyncIterable<Message>;
  /** When the call must be over, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** What a unary RPC answered. */
export interface Answer {
  /** The response of the RPC. */
  readonly message: Message;
  /** What `jsonOfAnswer` made of it for the route of the call. The message itself is then not used. */
  readonly json?: string;
  /** The bytes that `json` was made of, for hooks that need a field of the response but not its message. */
  readonly wire?: Uint8Array;
  /** HTTP headers for the answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls a unary RPC. @throws RpcError */
export type Invoker = (call: Call) => Promise<Answer>;

/** Calls a server-streaming RPC. Ending the iteration, or the call's signal, cancels the RPC. @throws RpcError while iterating */
export type StreamInvoker = (call: Call) => AsyncIterable<Message>;

/** The answer of a unary call as it is sent. */
export interface Reply {
  /** The HTTP status. */
  readonly status: number;
  /** HTTP headers, `Content-Type` among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that are sent; undefined for none. */
  readonly body: string | Uint8Array | undefined;
}

/** Stands between a unary call and its answer: a cache, a store of answers that are replayed. `next` makes the call. */
export type Around = (call: Call, next: (call: Call) => Promise<Reply>) => Promise<Reply>;

/** Calls a client-streaming RPC. The call's signal cancels the RPC. @throws RpcError */
export type ClientStreamInvoker = (call: StreamCall) => Promise<Answer>;

/** Calls a bidirectional RPC. Ending the iteration, or the call's signal, cancels the RPC. @throws RpcError while iterating */
export type BidiStreamInvoker = (call: StreamCall) => AsyncIterable<Message>;
