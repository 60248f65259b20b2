import { isKontorError } from "@kontor/errors";
import { describe, expect, it } from "vitest";
import { createCheck } from "./check.ts";
import { checkNewPassword } from "./password.ts";

function problems(password: string, email = "ada.lovelace@example.com"): readonly string[] {
  const check = createCheck();
  checkNewPassword(password, email, check);
  try {
    check.done();
    return [];
  } catch (error) {
    if (!isKontorError(error, "INVALID_REQUEST")) throw error;
    return error.violations.map(({ code = "" }) => code);
  }
}

describe("a new password", () => {
  it("has 10 to 200 characters, counted as people count them", () => {
    expect(problems("ninechars")).toHaveLength(1);
    expect(problems("ten chars!")).toEqual([]);
    expect(problems("🔑".repeat(9))).toHaveLength(1);
    expect(problems("ab".repeat(100))).toEqual([]);
    expect(problems(`${"ab".repeat(100)}c`)).toHaveLength(1);
  });

  it("does not contain the local part of the mail address, in any case", () => {
    expect(problems("xx-ADA.Lovelace-xx")).toEqual(["CONTAINS_FIELD"]);
  });

  it("may contain a local part so short that it occurs by chance", () => {
    expect(problems("correct horse", "or@example.com")).toEqual([]);
  });

  it("is not among the commonest, nor one character over and over", () => {
    for (const password of ["1234567890", "Password123", "aaaaaaaaaaaa"]) expect(problems(password)).toHaveLength(1);
  });
});
