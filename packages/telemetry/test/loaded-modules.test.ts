import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("./loaded-modules.ts", import.meta.url));

describe("a process", () => {
  it("loads nothing of the SDK while tracing is off", () => {
    expect(loadedBy({})).toEqual(["api", "context-async-hooks"]);
  });

  it("loads the SDK once an endpoint is configured", () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_EXPORTER_OTLP_TIMEOUT: "100" };
    expect(loadedBy(endpoint)).toEqual(expect.arrayContaining(["exporter-trace-otlp-http", "sdk-trace"]));
  });
});

function loadedBy(env: Record<string, string>): unknown {
  const { PATH = "" } = process.env;
  return JSON.parse(execFileSync(process.execPath, [program], { env: { PATH, ...env }, encoding: "utf8" }));
}
