import { createBatch } from "@kontor/batch";
import { isTransient } from "@kontor/errors";
import { fromDetails } from "@kontor/rpc";

type Status = Parameters<typeof fromDetails>[0];

/** The result of one request in the response of a batch, as the contracts have it. */
export interface BatchResult {
  readonly outcome:
    | { readonly case: "error"; readonly value: Status }
    | { readonly case: string; readonly value: unknown }
    | { readonly case: undefined };
}

interface SharedCallOptions<Q> {
  /** Names the call in errors and metrics. */
  readonly name: string;
  /** Makes the call for one request. */
  readonly single: (request: Q) => Promise<unknown>;
  /** Makes the call for several requests, and returns a result for each, in order. */
  readonly batch: (requests: readonly Q[]) => Promise<readonly BatchResult[]>;
}

/** How many calls are under way at once. */
const MAX_FLIGHTS = 4;

/**
 * Creates a call that the steps of sagas share: one for all that are ready. Each receives its own result. A request that the callee has not
 * ended with the others is repeated by itself. A batch that is refused as a whole is halved, down to single calls: the callee of the version
 * before knows no batches.
 */
export function createSharedCall<Q>({ name, single, batch }: SharedCallOptions<Q>): (request: Q) => Promise<void> {
  const share = createBatch<Q, BatchResult["outcome"]>({
    name,
    maxFlights: MAX_FLIGHTS,
    splits: (error) => !isTransient(error),
    async run(requests) {
      const [first] = requests;
      if (requests.length > 1) return (await batch(requests)).map(({ outcome }) => outcome);
      if (first !== undefined) await single(first);
      return requests.map(() => ({ case: "done", value: first }));
    },
  });
  return async (request) => {
    const outcome = await share(request);
    if (outcome.case === "error") throw fromDetails(outcome.value as Status);
    if (outcome.case === undefined) await single(request);
  };
}
