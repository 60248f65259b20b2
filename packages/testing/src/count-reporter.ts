import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with `N passed, N failed` alone on a line. A file that cannot be loaded counts as one failed test. */
export const countReporter: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = modules.map(count);
    const passed = counts.reduce((sum, each) => sum + each.passed, 0);
    const failed = counts.reduce((sum, each) => sum + each.failed, 0);
    console.log(`${passed} passed, ${failed + unhandledErrors.length} failed`);
  },
};

function count(module: TestModule): { passed: number; failed: number } {
  const passed = [...module.children.allTests("passed")].length;
  const failed = [...module.children.allTests("failed")].length;
  return { passed, failed: failed === 0 && module.state() === "failed" ? 1 : failed };
}
