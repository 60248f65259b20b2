import { describe, expect, it } from "vitest";
import { comparable, spellingsOf } from "./index.ts";

describe("the spellings of a word", () => {
  it.each<[string, string[]]>([
    ["Café", ["café", "cafe"]],
    ["CRÈME", ["crème", "creme"]],
    ["Müller", ["müller", "muller", "mueller"]],
    ["MU\u0308LLER", ["müller", "muller", "mueller"]],
    ["Größe", ["größe", "grosse", "groesse"]],
    ["GROẞE", ["große", "grosse"]],
    ["œuf", ["œuf", "oeuf"]],
    ["Æble", ["æble", "aeble"]],
    ["Smørbrød", ["smørbrød", "smorbrod", "smoerbroed"]],
    ["Ångström", ["ångström", "angstrom", "aangstroem"]],
    ["Łódź", ["łódź", "lodz"]],
    ["El Niño", ["el niño", "el nino"]],
    ["İzmir", ["i̇zmir", "izmir"]],
    ["ılık", ["ılık", "ilik"]],
    ["Đông", ["đông", "dong"]],
    ["Þór", ["þór", "thor"]],
    ["ＭＵＧ", ["mug"]],
    ["ﬁne", ["fine"]],
    ["Ёлка", ["ёлка", "елка"]],
    ["ΛΌΓΟΣ", ["λόγος", "λογοσ"]],
    ["ｶﾞﾗｽ", ["ガラス"]],
    ["がらす", ["がらす"]],
    ["한국", ["한국"]],
    ["चाय", ["चाय"]],
    ["soft\u00adhy\u200bphen", ["softhyphen"]],
    ["mug", ["mug"]],
  ])("are found for %s", (word, spellings) => {
    expect(spellingsOf(word)).toEqual(spellings.map((spelling) => spelling.normalize("NFC")));
  });
});

describe("a comparable text", () => {
  it("is the same for every way to encode it", () => {
    expect(comparable("Jürgen")).toBe(comparable("JU\u0308RGEN"));
    expect(comparable("ⅷ ½")).toBe("viii 1⁄2");
  });
});
