import { isKontorError } from "@kontor/errors";
import { postgresErrors } from "@kontor/postgres";

/**
 * Validates a request whose key is the id of its subject, such as an order. Returns undefined if it is valid, which costs no read.
 * Otherwise returns the result of `find` for the key: an earlier version or another setting accepted the request, and its outcome remains.
 * Throws the error of `validate` if the key is unknown.
 */
export async function knownUnlessValid<T>(
  validate: () => void,
  find: () => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    validate();
    return undefined;
  } catch (invalid) {
    const known = await find().catch(undefinedIfUnstorable);
    if (known === undefined) throw invalid;
    return known;
  }
}

/** Returns undefined if PostgreSQL refused a key because it cannot store it: then nothing is known under it. Throws other errors. */
export function undefinedIfUnstorable(error: unknown): undefined {
  if (!isUnstorable(error)) throw error;
}

/** Returns whether PostgreSQL refused a text because it cannot store it. */
export function isUnstorable(error: unknown): boolean {
  return isKontorError(error, postgresErrors.TEXT_NOT_STORABLE.reason);
}
