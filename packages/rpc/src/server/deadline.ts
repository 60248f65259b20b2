import { rpcErrors } from "../rpc-errors.ts";
import type { Interceptor } from "./interceptor.ts";

/** The longest that a timer of Node.js waits, in milliseconds; longer ones fire at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Layer 5: starts no call after its deadline, and responds with DEADLINE_EXCEEDED at the deadline, whether the handler has finished or not.
 */
export const deadline: Interceptor = (next) => async (call) => {
  const left = call.deadline.getTime() - Date.now();
  if (left <= 0) {
    call.error = rpcErrors.DEADLINE_EXCEEDED();
    return;
  }
  if (left > LONGEST_TIMER) return next(call);
  const { promise: expired, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    call.error = rpcErrors.DEADLINE_EXCEEDED();
    call.abort(call.error);
    resolve();
  }, left);
  try {
    await Promise.race([next(call), expired]);
  } finally {
    clearTimeout(timer);
  }
};
