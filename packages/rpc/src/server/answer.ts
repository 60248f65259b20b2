import { encode } from "../wire.ts";
import type { Step } from "./interceptor.ts";
import type { ServedMethod } from "./served-method.ts";

/** The innermost step: the handler itself. */
export function answer(method: ServedMethod): Step {
  return method.streams ? answerWithStream(method) : answerOnce(method);
}

function answerOnce({ handler, desc }: ServedMethod): Step {
  return async (call) => {
    const response = await (handler(call.message, call) as Promise<object>);
    call.response = encode(desc.output, response);
  };
}

function answerWithStream({ handler, desc }: ServedMethod): Step {
  return async (call) => {
    const responses = (handler(call.message, call) as AsyncIterable<object>)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await untilAborted(responses.next(), call.signal);
        if (next.done) return;
        call.sendHeaders();
        const accepted = call.incoming.send(encode(desc.output, next.value));
        if (accepted) await untilAborted(accepted, call.signal);
      }
    } finally {
      // A generator that waits for its next event ends by its signal; the call does not wait for it.
      void responses.return?.().then(undefined, () => {});
    }
  };
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
