/** The outcome of a step. Returning nothing is `next()`. */
export type Outcome<State> =
  | { readonly kind: "next"; readonly patch?: Partial<State> }
  | { readonly kind: "wait"; readonly until: Date | number; readonly reason: string; readonly patch?: Partial<State> }
  | { readonly kind: "fail"; readonly reason: string; readonly message: string };

/**
 * Returns the outcome of a step that is done. `patch` is merged into the state and stored with the completion.
 *
 * ```ts
 * const authorised = next<{ paymentId?: string }>({ paymentId: "p-1" });
 * ```
 */
export function next<State>(patch?: Partial<NoInfer<State>>): Outcome<State> {
  return patch === undefined ? { kind: "next" } : { kind: "next", patch };
}

/**
 * Returns the outcome of a step that cannot be done yet. It runs again on `wake`, and at `until` without one: a Date, or
 * milliseconds from now by the database's clock. `ctx.waitExpired` is then true: no wake arrived in time.
 *
 * ```ts
 * const pending = wait({ until: 30_000, reason: "The shopper confirms the payment." }); // 30 s, or until wake()
 * ```
 */
export function wait<State>({
  until,
  reason,
  patch,
}: {
  readonly until: Date | number;
  readonly reason: string;
  readonly patch?: Partial<State>;
}): Outcome<State> {
  return { kind: "wait", until, reason, ...(patch && { patch }) };
}

/**
 * Returns the outcome of a step that was refused permanently and had no effect. Compensates up to and including the pivot, parks
 * after it.
 *
 * ```ts
 * const declined = fail("PAYMENT_DECLINED", "The card was declined.");
 * ```
 */
export function fail(reason: string, message: string): Outcome<never> {
  return { kind: "fail", reason, message };
}
