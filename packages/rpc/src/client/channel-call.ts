import type { DescMessage, DescMethod } from "@bufbuild/protobuf";
import type { Headers } from "../headers.ts";

/** A method together with the types of its messages. */
export type MethodOf<I extends DescMessage, O extends DescMessage> = Omit<DescMethod, "input" | "output"> & {
  readonly input: I;
  readonly output: O;
};

/** What accompanies one call over a channel. */
export interface ChannelCallOptions {
  /** Sent with the call. Default: none. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** When the answer is worthless. Default: never. */
  readonly deadline?: Date;
  /** Cancels the call. Default: none. */
  readonly signal?: AbortSignal;
}

/** The answer to a unary call. */
export interface UnaryResult<M> {
  /** The response. */
  readonly message: M;
  /** The response metadata. */
  readonly headers: Headers;
}

/** The messages of a stream as they arrive. It is read once; leaving the loop cancels the call. */
export interface ServerStream<M> extends AsyncIterable<M> {
  /** Resolves with the response headers, which may precede the first message. Rejects as the loop would. */
  readonly headers: Promise<Headers>;
}
