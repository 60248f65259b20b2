import { defineConfig } from "vitest/config";
import { countReporter } from "./packages/testing/src/count-reporter.ts";

export default defineConfig({
  test: {
    include: ["apps/**/*.test.ts", "packages/**/*.test.ts"],
    globalSetup: "packages/testing/src/global-setup.ts",
    reporters: ["default", countReporter()],
    silent: "passed-only",
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } }, // What must be sooner says so.
  },
});
