import { expect, it } from "vitest";
import { ending } from "./ending.ts";

it("tells the signal, else the exit code, that a process ended with", () => {
  expect(ending({ code: null, signal: "SIGSEGV" })).toBe("by the signal SIGSEGV");
  expect(ending({ code: null, signal: "SIGKILL" })).toContain("by SIGKILL");
  expect(ending({ code: 7, signal: null })).toBe("by itself with exit code 7");
  expect(ending({ code: 0, signal: null })).toBe("by itself with exit code 0");
});
