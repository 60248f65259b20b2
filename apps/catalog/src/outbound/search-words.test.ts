import { describe, expect, it } from "vitest";
import { searchWords } from "./search-words.ts";

describe("words typed into a search", () => {
  it("end in a word that may go on", () => {
    expect(searchWords(" blue mu")).toEqual({ whole: "blue mu", before: "blue ", prefix: "'mu':*" });
    expect(searchWords("Größe")).toEqual({ whole: "Größe", before: "", prefix: "'Größe':*" });
  });

  it.each(['"blue mug"', "mug -red", "it's", "t-shirt", ""])(
    "are taken as they are when they end as %j does",
    (words) => {
      expect(searchWords(words)).toEqual({ whole: words, before: words, prefix: "" });
    },
  );
});
