const UNITS = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
} as const;

/** A number and a unit, such as `250ms`, `10s`, `10m`, `2h` or `7d`. */
export type DurationText = `${number}${keyof typeof UNITS}`;

/**
 * Returns the milliseconds of a {@link DurationText}, rounded, or undefined if the text is not a duration.
 *
 * ```ts
 * parseDuration("1.5s"); // 1500
 * parseDuration("10"); // undefined
 * ```
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  return match ? Math.round(Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]) : undefined;
}
