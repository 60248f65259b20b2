/** The outcome of reading one variable: its value, or its fault. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** One row of the table of settings. Made by `text`, `port`, `duration` and their kin. */
export interface Setting<T> {
  /** Name of the environment variable. */
  readonly variable: string;
  /** Its purpose, as a sentence; becomes the reference page. */
  readonly doc: string;
  /** The kind of its value, in the words of the reference page and error messages, such as `a port, 0 to 65535`. */
  readonly holds: string;
  /** A secret's value and default appear nowhere. */
  readonly secret: boolean;
  /** Whether the process refuses to start without it. */
  readonly required: boolean;
  /** The default as it would be written in the environment. */
  readonly defaultText: string | undefined;
  /** The value when the variable is unset or empty; unused if it is required. */
  readonly fallback: () => T;
  /** Reads a text that is not empty. Never quotes the value of a secret. */
  readonly parse: (raw: string) => Parsed<T>;
}

/** A table of settings, keyed by the names the process uses. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;
