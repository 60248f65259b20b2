import type { KontorError } from "@kontor/errors";

/** A call as a transport received it, before its bytes are decoded. A transport itself ends only cancelled calls. */
export interface IncomingCall {
  readonly request: Buffer;
  /** In milliseconds since the epoch; infinite for none. */
  readonly deadline: number;
  /** Whether the caller gave up. */
  readonly cancelled: boolean;
  /** Returns the first textual value of metadata by its name in lower case. */
  get(name: string): string | undefined;
  /** Calls the listener when the caller cancels. */
  onceCancelled(listener: () => void): void;
  /** Sends the metadata of the response, before its first message. */
  sendHeaders(headers: Readonly<Record<string, string>>): void;
  /** Sends a message of a stream. Resolves when the caller accepts the next one; undefined when it does at once. */
  send(message: Buffer): Promise<void> | undefined;
  /** Ends the call with the error, or else with the response of a unary call. */
  end(error: KontorError | undefined, response: Buffer | undefined): void;
}
