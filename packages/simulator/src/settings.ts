/** Reads settings from the environment; see `readSettings`. */
export interface SettingsReader {
  /** A text; without a fallback it is required. */
  text(name: string, fallback?: string): string;
  /** A text, or undefined. */
  optionalText(name: string): string | undefined;
  /** An HTTP URL without user information or fragment, which `fetch` would refuse or drop. */
  optionalHttpUrl(name: string): string | undefined;
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
    optionalHttpUrl(name) {
      const value = env[name] || undefined;
      if (value !== undefined && !isUsedInFull(value))
        problems.push(
          `${name} must be a URL that starts with http:// or https://, without user information or fragment.`,
        );
      return value;
    },
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

function isUsedInFull(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return ["http:", "https:"].includes(protocol) && username === "" && password === "" && hash === "";
}
