import { describe, expect, it } from "vitest";
import { loginDelays } from "./login-delay.ts";

describe("the delay after failed log-ins", () => {
  it("is none at first, then doubles up to a limit", () => {
    expect(loginDelays(2, 5_000)).toEqual([0, 0, 1_000, 2_000, 4_000, 5_000]);
    expect(loginDelays(0, 500)).toEqual([500]);
  });
});
