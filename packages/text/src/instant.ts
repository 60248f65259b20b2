const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;
const FIRST = instantOf(1, 1, 1);
const END = instantOf(10_000, 1, 1);

/**
 * Reads an RFC 3339 time stamp (section 5.6) with its zone, in the years 0001 to 9999 of UTC. PostgreSQL, protobuf and JSON can all
 * represent these. Digits beyond milliseconds are cut off. Leap seconds are refused.
 *
 * ```ts
 * parseInstant("2026-11-30T12:00:00+01:00"); // 11:00 UTC
 * parseInstant("2026-11-30"); // undefined
 * ```
 *
 * @returns undefined for any other text, also if `Date` would accept it.
 */
export function parseInstant(text: string): Date | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hours, minutes, seconds, fraction = "", sign, zoneHours = 0, zoneMinutes = 0] = match;
  const midnight = instantOf(Number(year), Number(month), Number(day));
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(day)) return undefined;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -1 : 1);
  const time = ((Number(hours) * 60 + Number(minutes) - offset) * 60 + Number(seconds)) * 1_000;
  const at = new Date(midnight.getTime() + time + Number(fraction.slice(0, 3).padEnd(3, "0")));
  return at >= FIRST && at < END ? at : undefined;
}

/** Returns the instant of a date. `Date.UTC` alone takes years below 100 for years of the last century. */
function instantOf(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date;
}
