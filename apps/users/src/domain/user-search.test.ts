import { describe, expect, it } from "vitest";
import { searchTextOf, searchWords } from "./user-search.ts";

const found = (text: string, user: Parameters<typeof searchTextOf>[0]) => {
  const searched = searchTextOf(user);
  return searchWords(text).every((spellings) => spellings.some((spelling) => searched.includes(spelling)));
};
const mueller = { displayName: "Jürgen Müller-Lüdenscheidt", email: "J.Mueller@bücher.example" };

describe("an account", () => {
  it.each([
    ...["jürgen", "JURGEN", "juergen", "Ju\u0308rgen", "müller", "muller", "mueller", "dens", "lüdenscheidt jürgen"],
    ...["j.mueller@bücher.example", "J.MUELLER@xn--bcher-kva.example", "@bucher", "mueller@", "  jurgen \n example "],
  ])("is found by %j", (text) => {
    expect(found(text, mueller)).toBe(true);
  });

  it.each(["jürgens", "jürgen schmidt", "j_mueller", "%"])("is not found by %j", (text) => {
    expect(found(text, mueller)).toBe(false);
  });

  it("is found by a name without umlauts under the spelling that has them", () => {
    expect(found("Müller", { displayName: "Mueller", email: "m@example.com" })).toBe(true);
  });

  it("is found by its address if it has no name", () => {
    expect(found("ada@", { displayName: "", email: "ada@example.com" })).toBe(true);
  });
});
