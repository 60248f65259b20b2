import type { Settings } from "./setting.ts";

/** One row of the reference page. */
export interface SettingDescription {
  /** Name of the environment variable. */
  readonly variable: string;
  /** The kind of its value, such as `a port, 0 to 65535`. */
  readonly holds: string;
  /** The default as written in the environment; empty if there is none or it is a secret. */
  readonly default: string;
  /** Whether the process refuses to start without it. */
  readonly required: boolean;
  /** Whether it is a secret: its value and default are shown nowhere. */
  readonly secret: boolean;
  /** Its purpose, as a sentence. */
  readonly doc: string;
}

/** Describes a table of settings for generated documentation, in the order of the table. */
export function describeConfig(settings: Settings): readonly SettingDescription[] {
  return Object.values(settings).map(({ variable, holds, defaultText, required, secret, doc }) => ({
    variable,
    holds,
    default: defaultText ?? "",
    required,
    secret,
    doc,
  }));
}
