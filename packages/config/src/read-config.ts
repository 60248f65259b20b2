import { ConfigError, type ConfigProblem } from "./config-error.ts";
import type { Setting, Settings } from "./setting.ts";

/** The values of a table of settings. */
export type Config<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/**
 * Reads every setting once. A variable that is unset or empty takes its default.
 *
 * ```ts
 * const config = readConfig({ port: port("PORT", { default: 8080, doc: "Where HTTP is served." }) }, process.env);
 * const bound: number = config.port;
 * ```
 *
 * @throws ConfigError naming every variable at fault, not only the first, with the fault and the remedy.
 */
export function readConfig<const S extends Settings>(
  settings: S,
  environment: Readonly<Record<string, string | undefined>>,
): Config<S> {
  const problems: ConfigProblem[] = [];
  const values = Object.entries(settings).map(([key, setting]) => {
    const raw = environment[setting.variable]?.trim() ?? "";
    if (raw === "") {
      if (setting.required)
        problems.push({
          variable: setting.variable,
          problem: "is not set",
          remedy: remedy(setting),
        });
      return [key, setting.fallback()];
    }
    const parsed = setting.parse(raw);
    if ("value" in parsed) return [key, parsed.value];
    problems.push({
      variable: setting.variable,
      problem: parsed.problem,
      remedy: remedy(setting),
    });
    return [key, undefined];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(values) as Config<S>;
}

function remedy({ holds, doc, secret, defaultText }: Setting<unknown>): string {
  const orDefault = defaultText === undefined || secret ? "" : ` or unset it for ${JSON.stringify(defaultText)}`;
  return `Set it to ${holds}${orDefault}: ${doc}`;
}
