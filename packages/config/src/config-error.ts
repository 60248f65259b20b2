/** One variable that cannot be used, and the remedy. It never contains the value of a secret. */
export interface ConfigProblem {
  /** Name of the environment variable. */
  readonly variable: string;
  /** The fault, such as `is not set`. */
  readonly problem: string;
  /** The remedy, as a sentence. */
  readonly remedy: string;
}

/** Thrown once, with everything that is wrong with the environment. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, problem, remedy }) => `  ${variable} ${problem}. ${remedy}`);
    super(`The configuration has ${problems.length} problem${problems.length === 1 ? "" : "s"}:\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}
