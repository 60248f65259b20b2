import { readSettings, readSimulatorConfig, type SimulatorConfig } from "@kontor/simulator";

export interface Config extends SimulatorConfig {
  /** From pick-up on, the time between two steps of a parcel. */
  readonly stepMs: number;
  /** The time until a parcel is picked up. */
  readonly pickupMs: number;
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readSettings(env, (from) => {
    const stepMs = from.integer("STEP_MS", 4_000);
    return { ...readSimulatorConfig(from), stepMs, pickupMs: from.integer("PICKUP_MS", 2 * stepMs) };
  });
}
