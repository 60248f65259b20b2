import type { MemoryDatabase, MemoryTable } from "@kontor/testing/memory-database";
import type { SagaFailure } from "../src/definition/definition.ts";
import { phases, type SagaPhase } from "../src/definition/phases.ts";

/** A saga in memory, as its row in PostgreSQL. */
export interface MemorySaga {
  readonly name: string;
  readonly id: string;
  readonly definition_version: number;
  readonly phase: SagaPhase;
  readonly resumePhase?: "running" | "compensating" | undefined;
  readonly step: number;
  readonly attempts: number;
  readonly state: object;
  readonly failure?: SagaFailure | undefined;
  readonly error?: string | undefined;
  readonly abortReason?: string;
  readonly deadlineAt?: number;
  /** When it is due, in milliseconds. */
  readonly wakeAt: number;
  /** Until when it waits; absent when it does not. */
  readonly waitUntil?: number | undefined;
  /** Whether it was woken since its attempt began. */
  readonly woken: boolean;
  readonly since: Date;
}

/** The end of an attempt. Without `step` the saga remains at its step. */
export interface MemoryEnd extends Partial<MemorySaga> {
  readonly phase: SagaPhase;
  /** Whether the saga compensates instead when an abort or its deadline arrived meanwhile. */
  readonly revocable?: boolean;
  /** Until when it sleeps, unless woken meanwhile, in milliseconds. Absent: it continues at once. */
  readonly sleepUntil?: number;
}

export type Sagas = MemoryTable<string, MemorySaga>;

export const keyOf = (name: string, id: string): string => `${name} ${id}`;
export const openSagas = (db: MemoryDatabase): Sagas => db.table<string, MemorySaga>();
export const isActive = ({ phase }: MemorySaga): boolean => phases[phase] === "active";

/** Returns whether an abort or the deadline ends the way forward. */
export function isRevoked({ abortReason, deadlineAt }: MemorySaga, now: number): boolean {
  return abortReason !== undefined || (deadlineAt !== undefined && deadlineAt <= now);
}

/** Returns a saga after the end of an attempt, with the requests that arrived meanwhile. */
export function afterAttempt(saga: MemorySaga, end: MemoryEnd, now: number): MemorySaga {
  const { revocable = false, sleepUntil, ...given } = end;
  if (revocable && isRevoked(saga, now))
    return { ...saga, ...given, phase: "compensating", step: saga.step, attempts: 0, wakeAt: now, woken: false };
  const asleep = sleepUntil !== undefined && !saga.woken;
  const deadline = revocable ? saga.deadlineAt : undefined;
  const wakeAt = asleep ? Math.min(sleepUntil, deadline ?? sleepUntil) : now;
  return { ...saga, attempts: 0, waitUntil: undefined, ...given, wakeAt, woken: false };
}
