import { readSettings, readSimulatorConfig, type SimulatorConfig } from "@kontor/simulator";

export interface Config extends SimulatorConfig {
  /** The time for which `tok_slow` is pending. */
  readonly slowMs: number;
  /** The time before the socket of a lost response is destroyed. */
  readonly holdMs: number;
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readSettings(env, (from) => ({
    ...readSimulatorConfig(from),
    slowMs: from.integer("SLOW_MS", 3_000),
    holdMs: from.integer("HOLD_MS", 10_000),
  }));
}
