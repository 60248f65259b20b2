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
  /** Aborts with an `RpcError` when the client disconnects or the deadline passes. */
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

/** A request whose bytes are known, and its message once something has read it. */
interface Content {
  readonly bytes: Uint8Array;
  message: Message | undefined;
}

/** The symbol under which an encoded call stores its parts: copies are made from them, without its message. */
const partsKey = Symbol("parts");
type Base = EdgeCall & { readonly deadline: number };
type Encoded = Call & { readonly [partsKey]?: { readonly base: Base; readonly content: Content } };

/** Returns the call of a request whose bytes are known. */
export function encodedCall(call: EdgeCall, bytes: Uint8Array, deadline: number): Call {
  return callOf({ ...call, deadline }, { bytes, message: undefined });
}

function callOf(base: Base, content: Content): Encoded {
  return {
    ...base,
    [partsKey]: { base, content },
    // First, so that a copy by spread makes the message before it would copy bytes that may change no more.
    get message() {
      content.message ??= fromBinary(base.method.input, content.bytes);
      return content.message;
    },
    get encoded() {
      return content.message === undefined ? content.bytes : undefined;
    },
  };
}

/** Returns a call with changes. Unlike a copy by spread it makes no message that nothing reads. */
export function changedCall(call: Call, changes: Partial<Call>): Call {
  const { [partsKey]: parts }: Encoded = call;
  if (parts === undefined || parts.content.message !== undefined || changes.message !== undefined)
    return { ...call, encoded: undefined, ...changes };
  return callOf({ ...parts.base, ...changes }, parts.content);
}

/** A call of an RPC that takes a stream of messages. */
export interface StreamCall extends EdgeCall {
  /** The messages, read from the client only as fast as they are consumed. An invalid message throws here and aborts the call's signal. */
  readonly messages: AsyncIterable<Message>;
  /** When the call must be over, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** The response of a unary RPC. */
export interface Answer {
  /** The response of the RPC. */
  readonly message: Message;
  /** The result of `jsonOfAnswer` for the route of the call. If set, the message itself is not used. */
  readonly json?: string;
  /** The bytes from which `json` was made, for hooks that need a field of the response but not its message. */
  readonly wire?: Uint8Array;
  /** HTTP headers of the response. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls a unary RPC. @throws RpcError */
export type Invoker = (call: Call) => Promise<Answer>;

/** Calls a server-streaming RPC. Ending the iteration, or the call's signal, cancels the RPC. @throws RpcError while iterating */
export type StreamInvoker = (call: Call) => AsyncIterable<Message>;

/** The response of a unary call as it is sent. */
export interface Reply {
  /** The HTTP status. */
  readonly status: number;
  /** HTTP headers, `Content-Type` among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that are sent; undefined for none. */
  readonly body: string | Uint8Array | undefined;
}

/** Wraps a unary call, such as a cache or a store of replayed responses. `next` makes the call. */
export type Around = (call: Call, next: (call: Call) => Promise<Reply>) => Promise<Reply>;

/** Calls a client-streaming RPC. The call's signal cancels the RPC. @throws RpcError */
export type ClientStreamInvoker = (call: StreamCall) => Promise<Answer>;

/** Calls a bidirectional RPC. Ending the iteration, or the call's signal, cancels the RPC. @throws RpcError while iterating */
export type BidiStreamInvoker = (call: StreamCall) => AsyncIterable<Message>;
