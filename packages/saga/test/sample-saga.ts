import { defineSaga, type Outcome, type Step } from "../src/index.ts";
import type { Remote } from "./environment.ts";

export type State = { visited?: string };

/** Returns a step whose run and undo call the remote. */
export function aStep(name: string, more: Partial<Step<State, Remote>> = {}): Step<State, Remote> {
  return {
    name,
    run: async (_state, remote) => (await remote.call(`run ${name}`)) as Outcome<State> | undefined,
    undo: (_state, remote) => remote.call(`undo ${name}`),
    ...more,
  };
}

/** Returns a saga of the steps a, b, c and d. `chained` stores a and b with c. */
export function abcd({
  pivot,
  deadlineMs,
  chained = false,
}: {
  pivot?: string;
  deadlineMs?: number;
  chained?: boolean;
} = {}) {
  return defineSaga<State, Remote>({
    name: "test.abcd.v1",
    ...(pivot !== undefined && { pivot }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    steps: [
      aStep("a", {
        storedWithNext: chained,
        record: (tx, state) => tx.query("INSERT INTO facts (fact) VALUES ($1)", [`a ${state.visited ?? ""}`]),
      }),
      aStep("b", { storedWithNext: chained }),
      aStep("c"),
      aStep("d"),
    ],
    onCompleted: (tx, _state, id) => tx.query("INSERT INTO facts (saga, fact) VALUES ($1, 'completed')", [id]),
    onCompensated: (tx, _state, { reason }, id) =>
      tx.query("INSERT INTO facts (saga, fact) VALUES ($1, $2)", [id, `compensated ${reason}`]),
  });
}
