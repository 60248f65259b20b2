import { isKontorError } from "@kontor/errors";
import { postgresErrors } from "@kontor/postgres";
import { inventoryErrors } from "../domain/errors.ts";

const RETRY_AFTER_MS = 500;

/** Returns STOCK_BUSY for the time-out of a lock, and any other error unchanged. */
export function stockBusy(error: unknown, key: string): unknown {
  if (!isKontorError(error, postgresErrors.LOCK_TIMEOUT.reason)) return error;
  return inventoryErrors.STOCK_BUSY({ key }, { cause: error, retryAfterMs: RETRY_AFTER_MS });
}
