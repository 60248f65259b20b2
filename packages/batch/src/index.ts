export { batchErrors } from "./batch-errors.ts";
export { type Batch, type BatchOptions, createBatch } from "./create-batch.ts";
export { type Blocked, blocked, type Flight } from "./flight.ts";
export { createJoin, type Join } from "./join.ts";
export {
  createSharedTransactions,
  type SharedTransactions,
  type SharedTransactionsOptions,
} from "./shared-transactions.ts";
export type { RequestOptions } from "./waiting.ts";
