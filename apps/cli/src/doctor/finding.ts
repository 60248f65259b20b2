/** A fault (`error`), or a present or future risk (`warning`), with its remedy. */
export type Finding = {
  readonly severity: "error" | "warning";
  /** The subject, such as `deployment/kontor-orders`. */
  readonly subject: string;
  readonly problem: string;
  /** A command to run or a thing to change. */
  readonly remedy: string;
};

/** The findings of a check, and a short summary. */
export type Verdict = { readonly seen: string; readonly findings: readonly Finding[] };

export type Check = { readonly name: string; readonly run: () => Promise<Verdict> };

export const wrong = (subject: string, problem: string, remedy: string): Finding => {
  return { severity: "error", subject, problem, remedy };
};

export const doubtful = (subject: string, problem: string, remedy: string): Finding => {
  return { severity: "warning", subject, problem, remedy };
};

/** Returns the last sentence or line of an error, without a stack. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim();
}
