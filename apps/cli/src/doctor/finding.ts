/** Something that is wrong (`error`), or will be or may be (`warning`), and what to do about it. */
export type Finding = {
  readonly severity: "error" | "warning";
  /** What it is about, such as `deployment/kontor-orders`. */
  readonly subject: string;
  readonly problem: string;
  /** A command to run or a thing to change. */
  readonly remedy: string;
};

/** What a check found, and in a few words what it saw. */
export type Verdict = { readonly seen: string; readonly findings: readonly Finding[] };

export type Check = { readonly name: string; readonly run: () => Promise<Verdict> };

export const wrong = (subject: string, problem: string, remedy: string): Finding => {
  return { severity: "error", subject, problem, remedy };
};

export const doubtful = (subject: string, problem: string, remedy: string): Finding => {
  return { severity: "warning", subject, problem, remedy };
};

/** The last sentence or line of what went wrong, without a stack. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim();
}
