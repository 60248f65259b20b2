import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");

describe("the generated pages in docs", () => {
  it("equal the code", async () => {
    const check = promisify(execFile)(process.execPath, ["scripts/reference.ts", "--check"], { cwd: root });
    expect(
      await check.then(
        () => "current",
        ({ stderr }) => stderr,
      ),
    ).toBe("current");
  }, 60_000);
});
