import { type ConnectOptions, connectHttp2, type Fields, type MessageProblem, type StreamEnd } from "../src/index.ts";
import { ECHO } from "./raw-peer.ts";

/** The outcome of a request, with a copy of its message. */
export interface Outcome {
  readonly head?: Fields;
  readonly trailers?: Fields | undefined;
  readonly message?: Buffer | undefined;
  readonly isTruncated?: boolean;
  readonly problem?: MessageProblem | "fields too large";
  readonly end?: StreamEnd;
  readonly began?: boolean;
}

/** Connects a client, and resolves once requests are possible. */
export async function openClient(port: number, options: Partial<ConnectOptions> = {}) {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<{ cause: Error | undefined; calm: boolean }>();
  const limits = { maxMessageBytes: 16 * 2 ** 20, keepAliveMs: 20_000, keepAliveTimeoutMs: 5_000, connectMs: 5_000 };
  const connection = connectHttp2(
    { ...limits, host: "127.0.0.1", port, ...options },
    {
      onReady: resolve,
      onFree() {},
      onLost(cause, calm) {
        lost.resolve({ cause, calm });
        reject(cause ?? new Error("The connection was closed."));
      },
    },
  );
  await ready;
  return {
    connection,
    lost: lost.promise,
    /** Makes a request; `began` receives the function that cancels it. */
    call(message: Uint8Array, fields: Fields = ECHO, began?: (cancel: () => void) => void): Promise<Outcome> {
      return new Promise((outcome) => {
        const stream = connection.request(fields, message, {
          onResponse: ({ message: received, ...response }) =>
            outcome({ ...response, message: received && Buffer.from(received) }),
          onProblem: (problem) => outcome({ problem }),
          onClosed: (end, hasBegun) => outcome({ end, began: hasBegun }),
        });
        began?.(() => {
          stream.cancel();
          outcome({});
        });
      });
    },
  };
}
