import { describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";

describe("the command line of a rehearsal", () => {
  it.each([
    [["--only", ""], 'There is no act "".'],
    [["--only", "dance"], 'There is no act "dance". There are: dry run, install'],
    [["--rate", "0.5"], "--rate must be a number from 1 to 200."],
    [["--helm", ""], "--helm must not be empty."],
    [["--fast"], "Unknown option '--fast'"],
  ])("refuses %j", (args, reason) => {
    expect(() => readOptions(args)).toThrow(reason);
  });

  it("has a default for everything", () => {
    expect(readOptions([])).toMatchObject({ helm: "helm", namespace: "kontor-e2e", rate: 10, only: [], keep: false });
  });
});
