const MOST = 500;

/** Returns the limit of a list. @throws RangeError unless it is 1 to 500: a list is never cut without an error */
export function listLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit;
  throw new RangeError(`limit is ${limit}, not 1 to ${MOST}. Read the rest as further pages.`);
}
