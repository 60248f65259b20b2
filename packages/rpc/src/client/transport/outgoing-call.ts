import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Request } from "./codec.ts";

/** The metadata of a response, by lower-case name. */
export type ResponseHeaders = Readonly<Record<string, unknown>>;

/** One call, ready for the wire. */
export interface OutgoingCall {
  readonly method: DescMethod;
  /** The request, or its bytes as an encoder writes them. */
  readonly message: Request;
  readonly metadata: Readonly<Record<string, string>>;
  /** In milliseconds since the epoch; infinite for none. */
  readonly deadline: number;
  /** Whether the client of a gateway chose the deadline: then it shows nothing about the callee. Default: false. */
  readonly impatient?: boolean;
  /** The method under the name that its service had before, with the metadata that proves the caller to it. Default: it had none. */
  readonly former?: Pick<OutgoingCall, "method" | "metadata"> | undefined;
  /** Cancels the call, which then fails with the reason of the signal. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/** A call with one response. */
export interface UnaryCall<R> extends OutgoingCall {
  /** Decodes the bytes of the response. An error that it throws is an INTERNAL failure of the transport. */
  read(bytes: Buffer, headers: ResponseHeaders | undefined): R;
}

/** A call whose response is a stream, and perhaps its request. */
export interface StreamCall extends OutgoingCall {
  /** Replaces the message in a call that sends a stream. */
  readonly messages?: AsyncIterable<Message>;
  /** Receives the response headers, which may precede the first message. */
  onHeaders?(headers: ResponseHeaders): void;
}
