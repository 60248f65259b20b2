import { configDefaults, defineConfig } from "vitest/config";
import { countReporter } from "./packages/testing/src/count-reporter.ts";

const WHOLE_SHOP = "apps/**/*.e2e.test.ts";

/** Files that share the processes of their workers, so that each loads the gateway once: loading it takes half the time of these tests. */
const SHARED = ["apps/gateway/{src,test}/**/*.test.ts"];
/** They run processes, or the tests of another file. */
const ALONE = ["apps/gateway/test/process.test.ts", "apps/gateway/test/over-*.test.ts"];

export default defineConfig({
  test: {
    globalSetup: "packages/testing/src/global-setup.ts",
    reporters: ["default", countReporter()],
    silent: "passed-only",
    pool: "forks",
    maxWorkers: 2,
    retry: 1, // A machine that stalls fails no run. The reporter names the test, also in the last lines of .ci/run.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } }, // A test of a shorter time states it.
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          include: ["apps/**/*.test.ts", "examples/**/*.test.ts", "packages/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: [...configDefaults.exclude, WHOLE_SHOP, "apps/gateway/{src,test}/**/!(process|over-*).test.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "fast-shared",
          isolate: false,
          include: SHARED,
          exclude: [...configDefaults.exclude, WHOLE_SHOP, ...ALONE],
        },
      },
      { extends: true, test: { name: "e2e", include: [WHOLE_SHOP] } },
    ],
    coverage: {
      provider: "v8",
      include: ["apps/*/src/**/*.ts", "packages/*/src/**/*.ts"],
      exclude: ["**/gen/**", "**/*.test.ts"],
      reporter: ["json-summary"],
      reportOnFailure: true, // A failed test hides no figure.
    },
  },
});
