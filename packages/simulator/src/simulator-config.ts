import type { SettingsReader } from "./settings.ts";
import type { SimulatorConfig } from "./simulator.ts";

/** Reads the settings of every simulator. */
export function readSimulatorConfig(from: SettingsReader): SimulatorConfig {
  const url = from.optionalHttpUrl("WEBHOOK_URL");
  return {
    host: from.text("HOST", "127.0.0.1"),
    port: from.integer("PORT", 0),
    dataDir: from.text("DATA_DIR"),
    apiKey: from.text("API_KEY"),
    ...(url && {
      webhook: {
        url,
        secret: from.text("WEBHOOK_SECRET"),
        attempts: from.integer("WEBHOOK_ATTEMPTS", 40),
        gatherMs: from.integer("WEBHOOK_GATHER_MS", 50),
      },
    }),
  };
}
