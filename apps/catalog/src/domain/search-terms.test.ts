import { describe, expect, it } from "vitest";
import { documentOf } from "./search-document.ts";
import { searchTerms } from "./search-terms.ts";
import { codeOf, tokensOf } from "./search-words.ts";

const words = (text: string) => tokensOf(text).map((token) => token.words.map(({ written }) => written));
const joined = (text: string) => tokensOf(text).flatMap((token) => token.joined);
const queries = (text: string) => searchTerms(text).terms.map(({ query }) => query);

describe("a text is split into words", () => {
  it.each<[string, string[][]]>([
    ["Sport-Shirt black/white", [["sport", "shirt"], ["black"], ["white"]]],
    ["USB-C/HDMI adapter", [["usb", "c"], ["hdmi"], ["adapter"]]],
    [
      "Levi’s & d'Or",
      [
        ["levi", "s"],
        ["d", "or"],
      ],
    ],
    ["non\u2011breaking", [["non", "breaking"]]],
    ["3.5 mm, 1,200 g", [["3"], ["5"], ["mm"], ["1"], ["200"], ["g"]]],
    ["U.S.B.", [["u", "s", "b"]]],
    ["P_101", [["p", "101"]]],
    ["日本茶碗 mug", [["日", "本", "茶", "碗"], ["mug"]]],
    ["Mug 🔥🇩🇪", [["mug"], ["🔥"], ["🇩🇪"]]],
    ["Mug™ 500", [["mug"], ["500"]]],
    ["  -- ' / ", []],
  ])("%s", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it("and words with hyphens or apostrophes are also known as one", () => {
    expect(joined("T-shirt Müller-Brot")).toEqual(["tshirt", "müllerbrot", "mullerbrot", "muellerbrot"]);
    expect([codeOf("P-139-M_Navy"), codeOf("p139mnavy"), codeOf("Ä-1")]).toEqual(["p139mnavy", "p139mnavy", "ä1"]);
  });

  it("of a limited length", () => {
    expect(words("x".repeat(10_000))).toEqual([["x".repeat(64)]]);
  });
});

describe("the text of a search", () => {
  it.each<[string, string[]]>([
    ["blue mu", ["'blue':", "'mu':*"]],
    ["Müller ", ["'müller':*", "'muller':*", "'mueller':*"].join(" | ").split("; ")],
    ["t-sh", ["'t': | 'tsh':*", "'sh':* | 'tsh':*"]],
    ['"green tea"', ["('green':) <-> ('tea':)"]],
    ["茶碗", ["('茶':) <-> ('碗':)"]],
    ["mug!", ["'mug':"]],
    ["- ' : & | ! ( ) < \\ \0", []],
  ])("%s is a query", (typed, expected) => {
    expect(queries(typed)).toEqual(expected);
  });

  it("may exclude words and phrases", () => {
    const excluded = searchTerms('mug -red -"hand made"').terms.map((term) => [term.query, term.excluded]);
    expect(excluded).toEqual([
      ["'mug':", false],
      ["'red':", true],
      ["('hand':) <-> ('made':)", true],
    ]);
  });

  it("may contain common words, which a product may lack unless there are no others", () => {
    const optional = (typed: string) => searchTerms(typed).terms.map((term) => term.optional);
    expect(optional("cup for the kitchen")).toEqual([false, true, true, false]);
    expect(optional("Becher für die Küche")).toEqual([false, true, true, false]);
    expect(optional("the -mug")).toEqual([false, false]);
  });

  it("is misspelt only in words of four letters or more", () => {
    expect(searchTerms("cup teapto p139 -tepot").terms.map(({ misspelt }) => misspelt)).toEqual(["", "teapto", "", ""]);
    expect(searchTerms("teapto").terms[0]?.swapped).toContain("teapot");
  });
});

describe("the document of a product", () => {
  const variants = [{ sku: "P-1-M", title: "", optionValues: { colour: "navy", size: "M" } }];
  const document = documentOf({ productId: "P-1", title: "Café Mug", description: "A mug.", variants });

  it("has the title in its own spelling and others, then options and ids, then the description", () => {
    const of = (text: string) => document.lexemes.filter((lexeme) => lexeme.text === text).map(({ field }) => field);
    expect([of("café"), of("cafe"), of("navy"), of("p1m"), of("mug")]).toEqual([
      ["A", "B"],
      ["B"],
      ["C"],
      ["C"],
      ["A", "B", "D"],
    ]);
  });

  it("has its ids, the length of its title, and the corrections of a misspelt word", () => {
    expect(document).toMatchObject({ codes: ["p1", "p1m"], plainTitle: "cafe mug", titleLength: 2 });
    expect(document.vocabulary).toEqual(["cafe", "navy"]);
  });
});
