import { type DurationText, parseDuration } from "./duration.ts";
import { type Common, optional, setting } from "./make-setting.ts";
import type { Parsed, Setting } from "./setting.ts";

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** A text that is not empty. */
export function text(variable: string, options: Common<string>): Setting<string> {
  return setting(variable, options, "a text", (raw) => ({ value: raw }));
}

/** A text, or undefined when unset. */
export function optionalText(variable: string, options: Omit<Common<string>, "default">): Setting<string | undefined> {
  return optional(text(variable, options));
}

/** One of the given texts. */
export function choice<const V extends readonly string[]>(
  variable: string,
  options: Common<V[number]> & { readonly values: V },
): Setting<V[number]> {
  const holds = `one of ${options.values.join(", ")}`;
  return setting<V[number]>(variable, options, holds, (raw) =>
    options.values.includes(raw) ? { value: raw } : { problem: `is ${show(raw, options)}, which is not ${holds}` },
  );
}

/** A whole number. */
export function integer(variable: string, options: Common<number> & Range): Setting<number> {
  return setting(variable, options, `a whole number${range(options)}`, (raw) => wholeNumber(raw, options));
}

/** A TCP port; 0 lets the system choose one. */
export function port(variable: string, options: Common<number>): Setting<number> {
  const bounds = { min: 0, max: 65_535 };
  return setting(variable, options, "a port, 0 to 65535", (raw) => wholeNumber(raw, { ...options, ...bounds }));
}

/** A duration such as `250ms`, `10s`, `10m` or `7d`, read as milliseconds. `min` and `max` are in milliseconds. */
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

/** `true` or `false` (also `1`, `0`, `yes`, `no`, `on`, `off`). */
export function flag(variable: string, options: Common<boolean>): Setting<boolean> {
  return setting(variable, options, "true or false", (raw) => {
    if (/^(true|1|yes|on)$/i.test(raw)) return { value: true };
    if (/^(false|0|no|off)$/i.test(raw)) return { value: false };
    return {
      problem: `is ${show(raw, options)}, which is neither true nor false`,
    };
  });
}

/** Texts separated by commas; blanks around them and empty ones are dropped. */
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
