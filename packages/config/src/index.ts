export { describeError, Refusal, readFlags, runCommand, wholeNumber } from "./command-line.ts";
export { ConfigError, type ConfigProblem } from "./config-error.ts";
export { describeConfig, type SettingDescription } from "./describe-config.ts";
export { type DurationText, parseDuration } from "./duration.ts";
export { type Config, readConfig } from "./read-config.ts";
export type { Setting, Settings } from "./setting.ts";
export {
  choice,
  duration,
  flag,
  integer,
  list,
  optionalText,
  port,
  text,
} from "./settings.ts";
export { checkUrl, optionalUrl, type UrlRules, url, urls } from "./url-setting.ts";
