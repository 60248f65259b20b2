import { readSettings, readSimulatorConfig, type SimulatorConfig } from "@kontor/simulator";

export interface Config extends SimulatorConfig {
  /** How long `tok_slow` stays pending. */
  readonly slowMs: number;
  /** How long a lost answer keeps its socket silent before it is destroyed. */
  readonly holdMs: number;
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readSettings(env, (from) => ({
    ...readSimulatorConfig(from),
    slowMs: from.integer("SLOW_MS", 3_000),
    holdMs: from.integer("HOLD_MS", 10_000),
  }));
}
