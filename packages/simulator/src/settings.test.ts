import { describe, expect, it } from "vitest";
import { readSettings } from "./settings.ts";
import { readSimulatorConfig } from "./simulator-config.ts";

describe("reading settings", () => {
  it("reports every problem at once", () => {
    const read = () => readSettings({ PORT: "many", WEBHOOK_URL: "http://localhost:1" }, readSimulatorConfig);
    expect(read).toThrow(/PORT must be .*"many"[\s\S]*DATA_DIR[\s\S]*API_KEY[\s\S]*WEBHOOK_SECRET/);
  });

  it("needs no webhook", () => {
    const config = readSettings({ DATA_DIR: "/data", API_KEY: "k", PORT: "" }, readSimulatorConfig);
    expect(config).toEqual({ host: "127.0.0.1", port: 0, dataDir: "/data", apiKey: "k" });
  });
});
