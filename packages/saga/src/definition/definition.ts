import type { Tx } from "@kontor/postgres";
import type { Outcome } from "./outcome.ts";

/** Why a saga was compensated, or is about to be. */
export interface SagaFailure {
  /** In UPPER_SNAKE_CASE: the reason of the step's error, `DEADLINE_EXCEEDED`, or the reason given to `requestAbort`. Not for shoppers. */
  readonly reason: string;
  /** The failure, in English. For operators. */
  readonly message: string;
  /** The step at which the saga began to compensate. */
  readonly step: string;
}

/** The facts that a step or undo receives about its run. */
export interface StepContext {
  /** The id that the saga began with. */
  readonly sagaId: string;
  /** Name of the step that runs, or is undone. */
  readonly step: string;
  /** `<saga id>:<step>`, the same in every attempt: the idempotency key for the callee. */
  readonly key: string;
  /** 1 in the first attempt. A crashed attempt is not counted. */
  readonly attempt: number;
  /** True when a `wait` ended because its time was up and not because of a `wake`. */
  readonly waitExpired: boolean;
  /** The deadline at which the saga compensates; absent if it has none. */
  readonly deadline: Date | undefined;
  /** Set while compensating. */
  readonly failure: SagaFailure | undefined;
  /** Aborted when the step's time limit is reached or the process stops. */
  readonly signal: AbortSignal;
}

/** One step. It may run more than once and must be idempotent by {@link StepContext.key}. */
export interface Step<State, Services> {
  /** Durable, unique in the saga. */
  readonly name: string;
  // biome-ignore lint/suspicious/noConfusingVoidType: a step without an outcome returns nothing
  readonly run: (state: State, services: Services, ctx: StepContext) => Promise<Outcome<State> | void>;
  /**
   * Compensates the step. Also runs when it is unknown whether the step happened: the callee must accept an undo of a step
   * that it never received, and store a tombstone. The step then fails if it arrives late.
   */
  readonly undo?: (state: State, services: Services, ctx: StepContext) => Promise<unknown>;
  /**
   * Runs in the transaction that stores the step's completion, pipelined with it: the place for events, outbox rows and
   * local changes. If the saga was taken over meanwhile, the transaction is rolled back.
   */
  readonly record?: (tx: Tx, state: State) => Promise<unknown>;
  /**
   * Whether the completion is stored together with that of the next step, which saves a transaction. A crash in between runs both steps
   * again. The intent of the next step counts as stored with that of this one: a saga that compensates after a crash undoes both. Not
   * for the last step, nor for the one before the pivot, whose intent is always stored separately. Default: false.
   */
  readonly storedWithNext?: boolean;
  /** Time limit of one attempt. Default: 5,000 ms. A longer attempt has an unknown outcome and is retried. */
  readonly timeoutMs?: number;
}

/** A process that spans services, as data. */
export interface SagaDefinition<State, Services> {
  /** Durable: it names the saga in every version. */
  readonly name: string;
  /**
   * Grows by one whenever steps, their order or the meaning of the state change. New sagas begin with the newest version that the
   * engine has; a saga in flight finishes on the version that it began with. Default: 1.
   */
  readonly version?: number;
  /**
   * Time from the first attempt until the saga compensates unless it has reached the pivot; waiting time before the
   * first attempt does not count. Until then a step that fails temporarily is retried. Default: none.
   */
  readonly deadlineMs?: number;
  /** The step from which the saga can no longer be aborted. Default: none, it can be aborted until its last step is done. */
  readonly pivot?: string;
  /** Run in this order, one at a time. */
  readonly steps: readonly Step<State, Services>[];
  /** Runs in the transaction that ends the saga. */
  readonly onCompleted?: (tx: Tx, state: State, sagaId: string) => Promise<unknown>;
  /** Runs in the transaction that ends the saga after every begun step was undone. */
  readonly onCompensated?: (tx: Tx, state: State, failure: SagaFailure, sagaId: string) => Promise<unknown>;
}

/** A saga the engine can run; the type of its state is known only to its definition. */
export interface Saga<Services> extends SagaDefinition<object, Services> {
  /** The version. Default: 1. */
  readonly version: number;
  /** Index of the pivot, or the number of steps if there is none. */
  readonly pivotIndex: number;
}

/**
 * Defines one version of a saga. Its state must survive JSON: no bigint, Date, Map or class; store minor units as decimal strings.
 *
 * ```ts
 * type State = { orderId: string };
 * type Services = { inventory: Record<"reserve" | "release" | "commit", (orderId: string) => Promise<void>> };
 * const checkout = defineSaga<State, Services>({
 *   name: "orders.checkout.v1",
 *   pivot: "commit-stock",
 *   steps: [
 *     { name: "reserve-stock", run: (s, to) => to.inventory.reserve(s.orderId), undo: (s, to) => to.inventory.release(s.orderId) },
 *     { name: "commit-stock", run: (s, to) => to.inventory.commit(s.orderId) },
 *   ],
 * });
 * ```
 */
export function defineSaga<State extends object, Services>(
  definition: SagaDefinition<State, Services>,
): Saga<Services> {
  const { name, version = 1, steps, pivot } = definition;
  const names = steps.map((step) => step.name);
  if (!Number.isInteger(version) || version < 1)
    throw new Error(`Saga ${name} has version ${version}: versions are integers from 1.`);
  if (names.length === 0) throw new Error(`Saga ${name} has no steps.`);
  if (new Set(names).size < names.length) throw new Error(`Saga ${name} has two steps of the same name.`);
  const pivotIndex = pivot === undefined ? steps.length : names.indexOf(pivot);
  if (pivotIndex < 0) throw new Error(`Saga ${name} has no step ${pivot} to be its pivot.`);
  const odd = steps.find(
    ({ storedWithNext }, index) => storedWithNext && [pivotIndex, steps.length].includes(index + 1),
  );
  if (odd !== undefined)
    throw new Error(
      `Saga ${name} stores step ${odd.name} with the next: the pivot's intent and the end are stored by themselves.`,
    );
  return { ...(definition as unknown as SagaDefinition<object, Services>), version, pivotIndex };
}

/** Returns the last step whose intent is stored when the row is at this step: the steps before it are stored with the next. */
export function intendedUpTo<S>({ steps }: Pick<Saga<S>, "steps">, index: number): number {
  let last = index;
  while (steps[last]?.storedWithNext) last += 1;
  return last;
}

/** The parts that sagas in flight depend on: they never change within a version. */
export interface SagaShape {
  readonly name: string;
  readonly version: number;
  /** The pivot, absent if there is none. */
  readonly pivot?: string;
  /** In their order; `undo` is true if the step has one. */
  readonly steps: readonly { readonly name: string; readonly undo: boolean; readonly storedWithNext?: true }[];
}

/**
 * Returns the shape of a definition. A test compares it with a copy in the repository, so that changed steps get a new version.
 *
 * ```ts
 * const greet = defineSaga<{ name: string }, object>({ name: "greet", steps: [{ name: "greet", run: async () => {} }] });
 * shapeOf(greet); // { name: "greet", version: 1, steps: [{ name: "greet", undo: false }] }
 * ```
 */
export function shapeOf<Services>({ name, version, pivot, steps }: Saga<Services>): SagaShape {
  return {
    name,
    version,
    ...(pivot !== undefined && { pivot }),
    steps: steps.map((step) => ({
      name: step.name,
      undo: step.undo !== undefined,
      ...(step.storedWithNext && { storedWithNext: true as const }),
    })),
  };
}
