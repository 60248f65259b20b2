import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("kills the process at the named point", () => {
  expect(passes("here")).toEqual({ passed: "", signal: "SIGKILL" });
});

it("waits for the requested pass", () => {
  expect(passes("here:3")).toEqual({ passed: "12", signal: "SIGKILL" });
});

it("counts the visits of the named service alone", () => {
  expect(passes("orders:here")).toEqual({ passed: "1", signal: "SIGKILL" });
  expect(passes("orders:here:2")).toEqual({ passed: "123", signal: "SIGKILL" });
  expect(passes("catalog:here")).toEqual({ passed: "1234", signal: null });
});

it("does nothing at other points or when none is named", () => {
  expect(passes("elsewhere")).toEqual({ passed: "1234", signal: null });
  expect(passes("")).toEqual({ passed: "1234", signal: null });
});

const program = `
  import { writeSync } from "node:fs";
  const { failpoint } = await import(process.argv[1]);
  for (const pass of "1234") { failpoint("here", pass % 2 ? "payments" : "orders"); writeSync(1, pass); }`;

function passes(armed: string) {
  const entry = fileURLToPath(new URL("./index.ts", import.meta.url));
  const env = { ...process.env, KONTOR_FAILPOINT: armed };
  const { stdout, signal } = spawnSync(process.execPath, ["--input-type=module", "-e", program, entry], {
    env,
    encoding: "utf8",
  });
  return { passed: stdout, signal };
}
