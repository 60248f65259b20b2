import type { CallOptions } from "@kontor/rpc";

/** How the reads are called that an order cannot be placed without: a callee that restarts delays the order, it does not refuse it. */
export const RETRY_UNTIL_DEADLINE: CallOptions = { untilDeadline: true };
