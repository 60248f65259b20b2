import type { Parsed, Setting } from "./setting.ts";

/** The options of every kind of setting. */
export interface Common<D> {
  /** Its purpose, as a sentence. */
  readonly doc: string;
  /** Value when unset or empty. Without it the variable is required. */
  readonly default?: D;
  /** A secret appears in no message and no description. */
  readonly secret?: boolean;
}

/** Creates a setting from the parts of its kind. */
export function setting<T>(
  variable: string,
  options: Common<T>,
  holds: string,
  parse: (raw: string) => Parsed<T>,
): Setting<T> {
  const secret = options.secret ?? false;
  const required = options.default === undefined;
  const defaultText = required || secret ? undefined : String(options.default);
  return {
    variable,
    doc: options.doc,
    holds,
    secret,
    required,
    defaultText,
    fallback: () => options.default as T,
    parse,
  };
}

/** Returns the same setting, `undefined` when unset. */
export function optional<T>(made: Setting<T>): Setting<T | undefined> {
  return { ...made, required: false, fallback: () => undefined };
}
