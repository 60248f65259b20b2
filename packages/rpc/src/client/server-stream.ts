import type { Message } from "@bufbuild/protobuf";
import type { Headers } from "../headers.ts";
import type { ResponseHeaders } from "./transport/outgoing-call.ts";

/** The messages of a stream as they arrive. It is read once; leaving the loop cancels the call. */
export interface ServerStream<M> extends AsyncIterable<M> {
  /** Resolves with the response headers, which may precede the first message. Rejects as the loop would. */
  readonly headers: Promise<Headers>;
}

/** Opens a stream at once. Its messages wait, under flow control, until they are read. */
export function openServerStream<M extends Message>(
  open: (onHeaders: (headers: ResponseHeaders) => void) => AsyncGenerator<M>,
): ServerStream<M> {
  const { promise: headers, resolve, reject } = Promise.withResolvers<Headers>();
  const messages = open((received) => resolve(readerOf(received)));
  const first = messages.next();
  first.then(() => resolve(readerOf({})), reject);
  headers.catch(() => {}); // A reader of the messages alone receives the failure there.
  return { headers, [Symbol.asyncIterator]: () => read(first, messages) };
}

async function* read<M>(first: Promise<IteratorResult<M>>, rest: AsyncGenerator<M>): AsyncGenerator<M> {
  try {
    const { done, value } = await first;
    if (done) return;
    yield value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function readerOf(headers: ResponseHeaders): Headers {
  return {
    get(name) {
      const value = headers[name];
      return value === undefined ? undefined : Buffer.isBuffer(value) ? value.toString("latin1") : String(value);
    },
  };
}
