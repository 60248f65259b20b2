import { expect, it } from "vitest";
import { ending } from "./ending.ts";

it("names the signal, else the exit code, of a process", () => {
  expect(ending({ code: null, signal: "SIGSEGV" })).toBe("by the signal SIGSEGV");
  expect(ending({ code: null, signal: "SIGKILL" })).toContain("by SIGKILL");
  expect(ending({ code: 7, signal: null })).toBe("by itself with exit code 7");
  expect(ending({ code: 0, signal: null })).toBe("by itself with exit code 0");
});
