import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";

/**
 * Ends a run with `N passed, N failed` alone on a line, after the skipped tests by file and the tests that passed only when they were
 * repeated. A file that cannot be loaded counts as one failed test. Tests that a name pattern leaves out are not listed.
 */
export function countReporter(): Reporter {
  let vitest: Vitest | undefined;
  return {
    onInit(started) {
      vitest = started;
    },
    onTestRunEnd(modules, unhandledErrors) {
      const counts = modules.map(count);
      const passed = counts.reduce((sum, each) => sum + each.passed, 0);
      const failed = counts.reduce((sum, each) => sum + each.failed, 0);
      if (!vitest?.config.testNamePattern) console.log(skippedTests(modules));
      for (const line of repeatedTests(modules)) console.log(line);
      console.log(`${passed} passed, ${failed + unhandledErrors.length} failed`);
    },
  };
}

function count(module: TestModule): { passed: number; failed: number } {
  const passed = [...module.children.allTests("passed")].length;
  const failed = [...module.children.allTests("failed")].length;
  return { passed, failed: failed === 0 && module.state() === "failed" ? 1 : failed };
}

/** Returns how many tests were skipped, and a line for each group of them with its name, which contains the reason. */
function skippedTests(modules: readonly TestModule[]): string {
  const groups = new Map<string, number>();
  for (const module of modules)
    for (const test of module.children.allTests("skipped")) {
      const name = `${module.relativeModuleId}: ${groupOf(test)}`;
      groups.set(name, (groups.get(name) ?? 0) + 1);
    }
  const total = [...groups.values()].reduce((sum, each) => sum + each, 0);
  return [`${total} skipped`, ...[...groups].map(([name, many]) => `  ${many}  ${name}`)].join("\n");
}

/** Returns a line for each test that failed before it passed: its fault is in the code or in the test, and has to be found. */
function repeatedTests(modules: readonly TestModule[]): string[] {
  return modules.flatMap((module) =>
    [...module.children.allTests("passed")]
      .filter((test) => test.diagnostic()?.flaky)
      .map((test) => `passed only when repeated: ${module.relativeModuleId}: ${test.fullName}`),
  );
}

/** Tests of one suite share a line, unless the suite also has tests that ran. */
function groupOf({ parent, name, fullName }: TestCase): string {
  if (parent.type === "module") return name;
  const whole = [...parent.children.allTests()].every((test) => test.result().state === "skipped");
  return whole ? parent.fullName : fullName;
}
