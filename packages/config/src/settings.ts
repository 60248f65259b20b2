import { type DurationText, parseDuration } from "./duration.ts";
import { type Common, optional, setting } from "./make-setting.ts";
import type { Parsed, Setting } from "./setting.ts";

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/**
 * Declares a text that is not empty.
 *
 * ```ts
 * const issuer = text("TOKEN_ISSUER", { doc: "Issuer of access tokens." }); // Required: it has no default.
 * ```
 */
export function text(variable: string, options: Common<string>): Setting<string> {
  return setting(variable, options, "a text", (raw) => ({ value: raw }));
}

/** Declares a text, or undefined when unset. */
export function optionalText(variable: string, options: Omit<Common<string>, "default">): Setting<string | undefined> {
  return optional(text(variable, options));
}

/**
 * Declares one of the given texts. Its type is their union.
 *
 * ```ts
 * const mode = choice("DISCOVERY", { values: ["dns", "mesh"], default: "dns", doc: "How callees are found." });
 * ```
 */
export function choice<const V extends readonly string[]>(
  variable: string,
  options: Common<V[number]> & { readonly values: V },
): Setting<V[number]> {
  const holds = `one of ${options.values.join(", ")}`;
  return setting<V[number]>(variable, options, holds, (raw) =>
    options.values.includes(raw) ? { value: raw } : { problem: `is ${show(raw, options)}, which is not ${holds}` },
  );
}

/**
 * Declares a whole number within JavaScript's safe integers, and within `min` and `max`, both inclusive.
 *
 * ```ts
 * const workers = integer("WORKERS", { default: 3, min: 1, max: 64, doc: "Passwords that are hashed at once." });
 * ```
 */
export function integer(variable: string, options: Common<number> & Range): Setting<number> {
  return setting(variable, options, `a whole number${range(options)}`, (raw) => wholeNumber(raw, options));
}

/** Declares a TCP port, 0 to 65535; 0 lets the system choose one. */
export function port(variable: string, options: Common<number>): Setting<number> {
  const bounds = { min: 0, max: 65_535 };
  return setting(variable, options, "a port, 0 to 65535", (raw) => wholeNumber(raw, { ...options, ...bounds }));
}

/**
 * Declares a duration such as `250ms`, `10s`, `10m`, `2h` or `7d`, read as milliseconds. `min` and `max` are in milliseconds, both inclusive.
 *
 * ```ts
 * const holdFor = duration("RESERVATION_TTL", { default: "15m", min: 60_000, doc: "How long stock is held." });
 * ```
 */
export function duration(variable: string, options: Common<DurationText> & Range): Setting<number> {
  const parse = (raw: string): Parsed<number> => {
    const value = parseDuration(raw);
    if (value === undefined) return { problem: `is ${show(raw, options)}, which is not a duration` };
    return within(value, options) ? { value } : { problem: `is ${show(raw, options)}, which is out of range` };
  };
  const { default: written, ...rest } = options;
  const fallback = written === undefined ? {} : { default: parseDuration(written) ?? 0 };
  const holds = `a duration such as 250ms, 10s, 10m or 7d${range(options, "ms")}`;
  const made = setting<number>(variable, { ...rest, ...fallback }, holds, parse);
  return { ...made, defaultText: options.secret ? undefined : written };
}

/** Declares a switch: `true`, `1`, `yes` or `on`; `false`, `0`, `no` or `off`; in any case. */
export function flag(variable: string, options: Common<boolean>): Setting<boolean> {
  return setting(variable, options, "true or false", (raw) => {
    if (/^(true|1|yes|on)$/i.test(raw)) return { value: true };
    if (/^(false|0|no|off)$/i.test(raw)) return { value: false };
    return {
      problem: `is ${show(raw, options)}, which is neither true nor false`,
    };
  });
}

/**
 * Declares texts separated by commas. White space around them is removed, and empty ones are dropped.
 *
 * ```ts
 * const origins = list("CORS_ORIGINS", { default: [], doc: "Origins that may call the gateway." });
 * ```
 */
export function list(variable: string, options: Common<readonly string[]>): Setting<readonly string[]> {
  return setting(variable, options, "texts separated by commas", (raw) => ({
    value: raw
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  }));
}

function wholeNumber(raw: string, options: Range & { readonly secret?: boolean }): Parsed<number> {
  const value = Number(raw);
  if (!/^-?\d+$/.test(raw) || !Number.isSafeInteger(value))
    return { problem: `is ${show(raw, options)}, which is not a whole number` };
  return within(value, options) ? { value } : { problem: `is ${show(raw, options)}, which is out of range` };
}

function within(value: number, { min = -Infinity, max = Infinity }: Range): boolean {
  return value >= min && value <= max;
}

function range({ min, max }: Range, unit = ""): string {
  if (min !== undefined && max !== undefined) return `, ${min}${unit} to ${max}${unit}`;
  if (min !== undefined) return `, at least ${min}${unit}`;
  return max === undefined ? "" : `, at most ${max}${unit}`;
}

function show(raw: string, { secret }: { readonly secret?: boolean }): string {
  return secret ? "a value" : JSON.stringify(raw);
}
