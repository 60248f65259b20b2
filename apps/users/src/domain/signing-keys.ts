/** A key that signs tokens from some instant on, until the next one does. */
export interface Dated {
  readonly activeFrom: Date;
}

/** Durations in milliseconds. */
export interface RotationPolicy {
  /** How long a key signs. */
  readonly rotationMs: number;
  /** How long a key is published before it signs: longer than verifiers cache a key set. */
  readonly leadMs: number;
  /** How long a token is good, and so how long a key is published after it has signed its last. */
  readonly tokenTtlMs: number;
}

/** The tolerated difference of clocks, twice the limit of @kontor/policy. */
const SKEW_MS = 120_000;

/** Verifiers renew their key sets every 5 minutes. */
const LEAD_MS = 600_000;

export function rotationPolicy(rotationMs: number, tokenTtlMs: number): RotationPolicy {
  return { rotationMs, leadMs: Math.min(LEAD_MS, rotationMs / 4), tokenTtlMs };
}

/** Returns the time when a new key should begin to sign, if it is time to create one. */
export function nextActivation(keys: readonly Dated[], at: Date, { rotationMs, leadMs }: RotationPolicy) {
  const newest = newestFirst(keys)[0];
  if (!newest) return at;
  const due = newest.activeFrom.getTime() + rotationMs;
  return at.getTime() < due - leadMs ? undefined : new Date(Math.max(due, at.getTime() + leadMs));
}

/** The key that signs, then the coming ones, then those whose tokens may still be good. */
export function published<K extends Dated>(keys: readonly K[], at: Date, policy: RotationPolicy): readonly K[] {
  const sorted = newestFirst(keys);
  const current = sorted.findIndex(({ activeFrom }) => activeFrom <= at);
  if (current === -1) return sorted;
  const needed = sorted.slice(current + 1).filter((_, i) => !isOver(sorted[current + i], at, policy));
  return [...sorted.slice(current, current + 1), ...sorted.slice(0, current), ...needed];
}

/** Whether all tokens from before the successor began have expired. */
function isOver(successor: Dated | undefined, at: Date, { tokenTtlMs }: RotationPolicy): boolean {
  return successor !== undefined && successor.activeFrom.getTime() + tokenTtlMs + SKEW_MS <= at.getTime();
}

function newestFirst<K extends Dated>(keys: readonly K[]): readonly K[] {
  return keys.toSorted((a, b) => b.activeFrom.getTime() - a.activeFrom.getTime());
}
