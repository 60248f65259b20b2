import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");

async function rehearse(args: readonly string[], env: Record<string, string> = {}) {
  const options = { cwd: root, env: { ...process.env, ...env } };
  return promisify(execFile)(process.execPath, ["apps/e2e/cluster/main.ts", ...args], options).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}

describe("npm run e2e:cluster", () => {
  it("prints its acts and its requirements", async () => {
    const { code, said } = await rehearse(["--help"]);
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining("upgrade, rollback") });
  });

  it("refuses an act that there is not, and names those there are", async () => {
    expect(await rehearse(["--only", "encore"])).toEqual({
      code: 1,
      said: expect.stringContaining("dry run, install"),
    });
  });

  it("reports a missing kubectl", async () => {
    expect(await rehearse([], { PATH: "/nowhere" })).toEqual({ code: 1, said: expect.stringContaining("kubectl") });
  });
});
