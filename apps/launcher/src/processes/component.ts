import type { Ended } from "@kontor/servers";

/** A running server of the shop, of any kind. */
export type Running = {
  readonly pid: number;
  /** Resolves when it has ended, with how it did. */
  readonly ended: Promise<Ended>;
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Something that the launcher starts, watches and stops. */
export type Component = {
  readonly name: string;
  /** Resolves once it is ready for work. */
  start(): Promise<Running>;
  /** The last events of its log, an error by its first line. */
  lastWords(): string;
};
