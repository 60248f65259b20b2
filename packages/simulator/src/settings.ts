/** Reads settings from the environment; see `readSettings`. */
export interface SettingsReader {
  text(name: string, fallback?: string): string;
  optionalText(name: string): string | undefined;
  /** A whole number from 0. */
  integer(name: string, fallback: number): number;
}

/** Reads all settings and throws one error that lists every problem. An empty variable counts as absent. */
export function readSettings<T>(env: NodeJS.ProcessEnv, read: (from: SettingsReader) => T): T {
  const problems: string[] = [];
  const settings = read({
    text(name, fallback) {
      const value = env[name] || fallback;
      if (value === undefined) problems.push(`${name} is required.`);
      return value ?? "";
    },
    optionalText: (name) => env[name] || undefined,
    integer(name, fallback) {
      const value = Number(env[name] || fallback);
      if (!Number.isSafeInteger(value) || value < 0)
        problems.push(`${name} must be a whole number, not "${env[name]}".`);
      return value;
    },
  });
  if (problems.length > 0) throw new Error(`The settings are wrong.\n${problems.join("\n")}`);
  return settings;
}
