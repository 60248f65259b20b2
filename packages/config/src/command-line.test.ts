import { afterEach, describe, expect, it, vi } from "vitest";
import { describeError, Refusal, readFlags, wholeNumber } from "./command-line.ts";

const options = { data: { type: "string", default: ".kontor" }, cors: { type: "string", multiple: true } } as const;

afterEach(() => vi.restoreAllMocks());

describe("the options of a command", () => {
  it("have defaults and may be repeated", () => {
    expect(readFlags([], options, "help")).toMatchObject({ data: ".kontor" });
    expect(readFlags(["--cors", "a", "--cors=b"], options, "help")).toMatchObject({ cors: ["a", "b"] });
  });

  it("are explained by --help, next to any other arguments", () => {
    const print = vi.spyOn(console, "log").mockReturnValue();
    expect(readFlags(["--nowhere", "--help"], options, "all about it")).toBeUndefined();
    expect(print).toHaveBeenCalledWith("all about it");
  });

  it.each([["--nowhere"], ["--data"], ["surplus"]])("are refused with the help when they are like %s", (...args) => {
    expect(() => readFlags(args, options, "all about it")).toThrow(/all about it$/);
  });

  it.each([[["--data", ""]], [["--data="]], [["--cors", "a", "--cors", ""]]])(
    "are refused when one is empty: %j",
    (args) => {
      expect(() => readFlags(args, options, "all about it")).toThrow(
        /^--(data|cors) is empty\. Give it a value, or leave it out\.\n/,
      );
    },
  );

  it.each(["", " ", "x", "1.5", "0", "11", "1e9"])(
    "refuse %j where a whole number from 1 to 10 is expected",
    (text) => {
      expect(() => wholeNumber("--rounds", text, 1, 10)).toThrow(
        `--rounds must be a whole number from 1 to 10, not "${text}".`,
      );
    },
  );
});

it("shows a refusal without a stack, and a defect with it", () => {
  expect(describeError(new Refusal("Stop it first."))).toBe("Stop it first.");
  expect(describeError(new TypeError("x is not a function"))).toMatch(/\n\s+at /);
});
