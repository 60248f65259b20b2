import { intendedUpTo, type Saga } from "../definition/definition.ts";
import type { SagaRow } from "../store/queue.ts";
import type { Recording } from "../store/store-transitions.ts";
import type { LogLine } from "../store/transition.ts";

/** A saga that an engine has claimed. It is ahead of its row by the steps that are stored with the next. */
export interface HeldSaga extends SagaRow {
  /** The row in the database. */
  readonly row: SagaRow;
  /** The completions that are stored with the next step. */
  readonly unstored: readonly { readonly log: LogLine; readonly record: Recording | undefined }[];
  /** Whether no earlier holder can have run a step beyond the one of the row. */
  readonly isExact: boolean;
  /** When the lease was valid for sure, on the clock of `performance.now()`. */
  readonly leasedAt: number;
}

/** Returns a saga that was just claimed. Before its first claim nothing ran. */
export function claimedSaga(row: SagaRow): HeldSaga {
  return heldSaga(row, { isExact: row.version === 1n, leasedAt: performance.now() });
}

/** Returns a saga that is not ahead of its row. */
export function heldSaga(row: SagaRow, lease: Pick<HeldSaga, "isExact" | "leasedAt">): HeldSaga {
  return { ...row, row, unstored: [], ...lease };
}

/** Returns the saga in the state of its row, after the steps ahead of it could not be stored: they run again. */
export function rewound(saga: HeldSaga): HeldSaga {
  return saga.unstored.length === 0 ? saga : heldSaga(saga.row, { isExact: false, leasedAt: saga.leasedAt });
}

/** Returns the last step that may have run: the one at hand, or one that an earlier holder reached before it crashed. */
export function reached<S>(definition: Saga<S>, { step, row, isExact, phase }: HeldSaga): number {
  if (isExact || phase !== "running") return step;
  return Math.max(step, intendedUpTo(definition, row.step));
}
