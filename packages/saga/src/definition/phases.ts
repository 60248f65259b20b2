/** The phases of a saga. `active`: an engine attempts its steps. `stopped`: an operator decides. `ended`: nothing follows. */
export const phases = {
  running: "active",
  compensating: "active",
  parked: "stopped",
  completed: "ended",
  compensated: "ended",
} as const;

/** The phase of a saga. */
export type SagaPhase = keyof typeof phases;

/** A move from one phase to another, or to the next attempt in the same one. */
export interface PhaseTransition {
  readonly from: SagaPhase;
  readonly to: SagaPhase;
  /**
   * `attempt`: an engine stores it at the end of an attempt. `operator`: an operator decides it. `release`: pods with other definitions
   * start.
   */
  readonly by: "attempt" | "operator" | "release";
  /** When it happens. */
  readonly when: string;
}

/**
 * Every transition of a saga. The diagram in the README, the constraints of the tables and the conditions of the statements follow
 * from this table.
 */
export const transitions: readonly PhaseTransition[] = [
  { from: "running", to: "running", by: "attempt", when: "a step is done, waits or is retried" },
  { from: "running", to: "completed", by: "attempt", when: "the last step is done" },
  { from: "running", to: "compensating", by: "attempt", when: "refused, aborted or too late before the pivot" },
  { from: "running", to: "compensated", by: "attempt", when: "aborted or too late, and one undo suffices" },
  { from: "running", to: "parked", by: "attempt", when: "refused past the pivot, or too many failures" },
  { from: "compensating", to: "compensating", by: "attempt", when: "an undo is done or retried" },
  { from: "compensating", to: "compensated", by: "attempt", when: "every begun step is undone" },
  { from: "compensating", to: "parked", by: "attempt", when: "an undo was refused too often" },
  { from: "running", to: "parked", by: "release", when: "no release that runs has its definition" },
  { from: "compensating", to: "parked", by: "release", when: "no release that runs has its definition" },
  { from: "parked", to: "running", by: "operator", when: "resumed" },
  { from: "parked", to: "compensating", by: "operator", when: "resumed" },
  { from: "parked", to: "compensated", by: "operator", when: "ended" },
  { from: "parked", to: "running", by: "release", when: "a release with its definition starts" },
  { from: "parked", to: "compensating", by: "release", when: "a release with its definition starts" },
];

/** The start and the end of each transition that ends an attempt. */
const attempted = new Set(transitions.filter(({ by }) => by === "attempt").map(({ from, to }) => `${from} ${to}`));

/** Returns whether the end of an attempt may move a saga between these phases. */
export function isAttempted(from: SagaPhase, to: SagaPhase): boolean {
  return attempted.has(`${from} ${to}`);
}

/** Returns the SQL condition that a column holds a phase of this kind. */
export function phaseIs(kind: (typeof phases)[SagaPhase], column = "phase"): string {
  const names = (Object.keys(phases) as SagaPhase[]).filter((name) => phases[name] === kind);
  return `${column} IN (${names.map((name) => `'${name}'`).join(", ")})`;
}

/** Returns the transitions as a Mermaid state diagram. */
export function phaseDiagram(): string {
  const arrows = transitions.map(({ from, to, by, when }) => `  ${from} --> ${to}: ${by}, ${when}`);
  const ends = (Object.keys(phases) as SagaPhase[]).filter((name) => phases[name] === "ended");
  const lines = ["  [*] --> running: begun", ...arrows, ...ends.map((name) => `  ${name} --> [*]`)];
  return ["stateDiagram-v2", ...lines].join("\n");
}
