import type { ServedMethod } from "./served-method.ts";
import type { ServerCall } from "./server-call.ts";

/** Takes a call one layer further in. The outcome is left on the call: `response` or `error`. */
export type Step = (call: ServerCall) => Promise<void>;

/** A layer around all calls of a method. Made once per method, so a layer that a method does not need can return `next`. */
export type Interceptor = (next: Step, method: ServedMethod) => Step;

/** Wraps the innermost step; the first interceptor becomes the outermost layer. */
export function compose(interceptors: readonly Interceptor[], method: ServedMethod, innermost: Step): Step {
  return interceptors.reduceRight((next, interceptor) => interceptor(next, method), innermost);
}
