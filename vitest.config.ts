import { configDefaults, defineConfig } from "vitest/config";
import { countReporter } from "./packages/testing/src/count-reporter.ts";

const WHOLE_SHOP = "apps/**/*.e2e.test.ts";

const FAST = ["apps/**/*.test.ts", "examples/**/*.test.ts", "packages/**/*.test.ts", "scripts/**/*.test.ts"];
/** They scrape all metrics of the process: a gauge of a service that another file has stopped would query its closed database. */
const SCRAPING = [
  "apps/gateway/test/{cache,circuit,edge,idempotency,product-page}.test.ts",
  "apps/notifications/test/delivery.test.ts",
  "apps/payments/test/payments.test.ts",
  "apps/shipping/test/carrier-queries.test.ts",
  "packages/messaging/test/{foreign,metrics}.test.ts",
  "packages/postgres/src/database.test.ts",
  "packages/rpc/src/{rpc,client/proof,client/resilience,client/endpoints/pool}.test.ts",
  "packages/saga/test/{metrics,versions}.test.ts",
  "packages/service/src/start-service.test.ts",
  "packages/telemetry/src/metrics.test.ts",
];
/** They collect the statements that modules publish once, when a process imports them: an earlier file of the process would have imported them. */
const COLLECTING = [
  "apps/e2e/test/plans.test.ts",
  "packages/saga/test/plans.test.ts",
  "scripts/statements/typed-statements.test.ts",
];
/** They watch a Kubernetes API server, whose client a process loads once. */
const WATCHING = [
  "packages/discovery/src/watch-endpoints.test.ts",
  "packages/rpc/src/client/{discovery,endpoints/discovery}.test.ts",
];
/** Files that need a process of their own: they set variables that modules read once, or run the tests of another file. */
const ALONE = [
  ...SCRAPING,
  ...WATCHING,
  ...COLLECTING,
  "apps/gateway/test/over-*.test.ts",
  "apps/gateway/test/process.test.ts",
  "packages/rpc/src/{in-process,lean-server,over-*}.test.ts",
];

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
    // Node imports the sources itself, as in production. Vite would transform each module first.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          isolate: false, // The files that a worker runs share its process and modules: loading them takes as long as most tests.
          unstubEnvs: true,
          include: FAST,
          exclude: [...configDefaults.exclude, WHOLE_SHOP, ...ALONE],
        },
      },
      { extends: true, test: { name: "fast-alone", include: ALONE } },
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
