import type { Settings } from "./setting.ts";

/** One row of the reference page. */
export interface SettingDescription {
  readonly variable: string;
  readonly holds: string;
  /** The default as written in the environment; empty if there is none or it is a secret. */
  readonly default: string;
  readonly required: boolean;
  readonly secret: boolean;
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
