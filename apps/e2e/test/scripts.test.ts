import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { scripts: Record<string, string> };

async function script(...args: string[]) {
  const run = promisify(execFile)(process.execPath, ["scripts/run.mjs", ...args], { cwd: root });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

describe("every npm script", () => {
  it.each(Object.keys(scripts))("%s is known, and explains itself", async (name) => {
    expect(scripts[name]).toBe(`node scripts/run.mjs ${name}`);
    const { code, stdout } = await script(name, "--help");
    expect(code).toBe(0);
    expect(stdout).toContain(name === "test" || name === "start" ? `npm ${name}` : `npm run ${name}`);
  });

  it("is listed when none is named, and when an unknown one is", async () => {
    const { stdout } = await script();
    for (const name of Object.keys(scripts)) expect(stdout).toContain(`npm run ${name} `);
    const { code, stderr } = await script("nothing");
    expect(code).toBe(1);
    expect(stderr).toContain('There is no script "nothing"');
    expect(stderr).toContain("npm run start");
  });

  it.each([
    "start --nowhere",
    "start --data package.json",
    "demo --nowhere",
    "kontor nurse",
    "kontor doctor --nowhere",
    "kontor token --nowhere",
    "kontor rotate-keys --nowhere",
    "change maybe",
    "release --nowhere",
    "release --date tomorrow",
    "bench:checkout --rounds x",
    "bench:order-cost --orders x",
    "bench:saga --rounds x",
    "bench:overload --clients 4,x",
    "bench:gateway --nowhere",
    "fuzz:gateway --contracts nowhere",
    "fuzz:codec --count x",
    "e2e:cluster --nowhere",
    "e2e:mesh --nowhere",
  ])("refuses %s with a sentence and without a stack", async (command) => {
    const { code, stderr } = await script(...command.split(" "));
    expect(code).toBeGreaterThan(0);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr.trim()).not.toBe("");
  });
});
