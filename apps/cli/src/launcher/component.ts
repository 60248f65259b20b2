/** A running server of ours, whatever it is. */
export type Running = {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Something that the launcher starts, watches and stops. */
export type Component = {
  readonly name: string;
  /** Answers once it is ready for work. */
  start(): Promise<Running>;
  /** The last lines of its log. */
  lastWords(): string;
};
