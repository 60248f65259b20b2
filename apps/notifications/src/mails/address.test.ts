import { describe, expect, it } from "vitest";
import type { Address } from "../domain/story.ts";
import { addressLines } from "./address.ts";

const address = (country: string, overrides: Partial<Address> = {}): Address => ({
  ...{ recipient: "Ada Lovelace", line1: "12 Ring Road", line2: "", city: "Town", postalCode: "12345", region: "" },
  country,
  ...overrides,
});

/** Every country that the runtime can name. */
const countries = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
  .split("")
  .flatMap((first, _, letters) => letters.map((second) => first + second))
  .filter((code) => new Intl.DisplayNames("en", { type: "region", fallback: "none" }).of(code) !== undefined);

describe("an address", () => {
  it.each([
    ["US", { city: "Austin", region: "TX", postalCode: "78701" }, "Austin, TX 78701\nUnited States"],
    ["GB", { city: "LONDON", postalCode: "SW1A 2AA" }, "LONDON\nSW1A 2AA\nUnited Kingdom"],
    ["GB", { city: "Dover", region: "Kent", postalCode: "CT16 1AA" }, "Dover\nKent\nCT16 1AA\nUnited Kingdom"],
    ["FR", { city: "Paris", postalCode: "75008" }, "75008 Paris\nFrance"],
    ["DE", { city: "Berlin", postalCode: "10115", region: "Berlin" }, "10115 Berlin\nGermany"],
    ["CH", { city: "Bern", postalCode: "3011" }, "CH-3011 Bern\nSwitzerland"],
    ["CH", { city: "Bern", postalCode: "CH-3011" }, "CH-3011 Bern\nSwitzerland"],
    ["JP", { city: "Shibuya-ku", region: "Tokyo", postalCode: "150-0001" }, "Shibuya-ku, Tokyo\n150-0001\nJapan"],
    ["AU", { city: "Perth", region: "WA", postalCode: "6000" }, "Perth WA 6000\nAustralia"],
    ["IT", { city: "Roma", region: "RM", postalCode: "00184" }, "00184 Roma RM\nItaly"],
    ["SG", { city: "Singapore", postalCode: "238801" }, "SINGAPORE 238801\nSingapore"],
    ["BR", { city: "Recife", region: "PE", postalCode: "50000-000" }, "Recife-PE\n50000-000\nBrazil"],
  ] as const)("in %s is written as there: %j", (country, overrides, expected) => {
    const lines = addressLines(address(country, { line2: "Flat 3", ...overrides }), "en");
    expect(lines.join("\n")).toBe(`Ada Lovelace\n12 Ring Road\nFlat 3\n${expected}`);
  });

  it("in Japanese begins with the postal code and ends with the recipient", () => {
    const japanese = { recipient: "山田花子", line1: "神宮前1-2-3", city: "渋谷区", region: "東京都" };
    for (const postalCode of ["150-0001", "〒150-0001"])
      expect(addressLines(address("JP", { ...japanese, postalCode }), "de")).toEqual([
        ...["〒150-0001", "東京都", "渋谷区", "神宮前1-2-3", "山田花子", "Japan"],
      ]);
  });

  it("names the country in the language of the mail", () => {
    expect(addressLines(address("GB"), "de").at(-1)).toBe("Vereinigtes Königreich");
    expect(addressLines(address("us"), "de").at(-1)).toBe("Vereinigte Staaten");
    expect(addressLines(address("<b>"), "en").at(-1)).toBe("<b>");
  });

  it("loses no field in any country", () => {
    expect(countries.length).toBeGreaterThan(240);
    for (const country of countries)
      for (const line1 of ["12 Ring Road", "神宮前1-2-3"]) {
        const full = address(country, { line1, line2: "Flat 3", region: "Province", city: "Xanten" });
        const lines = addressLines(full, "en").join("\n");
        for (const value of Object.values({ ...full, country: "" })) expect(lines).toContain(value);
      }
  });

  it("has no empty lines and no lonely punctuation in any country", () => {
    for (const country of countries)
      for (const line of addressLines(address(country, { postalCode: "" }), "en"))
        expect(line).toMatch(/^[\p{L}\p{N}].*[^\s,-]$/u);
    expect(addressLines(address("DE", { recipient: "", line1: "", city: "", postalCode: "" }), "en")).toEqual([
      "Germany",
    ]);
  });

  it("cannot reorder or break its lines by invisible characters", () => {
    const lines = addressLines(address("DE", { recipient: "\u202eAda\r\nEve\u200b", city: "חיפה" }), "en");
    expect(lines).toEqual(["Ada Eve", "12 Ring Road", "\u206812345 חיפה\u2069", "Germany"]);
  });
});
